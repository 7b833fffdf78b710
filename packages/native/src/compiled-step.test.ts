import { describeOnNative } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { compiledStep, openProgram } from './compiled-step.ts';
import { loadAddon } from './session/load-addon.ts';
import { loadTfjsNode } from './session/load-tfjs-node.ts';

/** What a promise was rejected with. */
const refusal = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
};

const x = (): tf.Tensor2D => tf.tensor2d([[1, 2, 3], [0.5, -1, 2], [1, 1, 1], [-2, 0, 0.25]]);

beforeAll(() => {
  // Keeps tfjs's banner about its Node.js package quiet.
  tf.env().set('PROD', true);
});

describeOnNative('a compiled step', [loadTfjsNode, loadAddon], () => {
  let began = 0;
  let variablesBegan = 0;
  beforeEach(() => {
    began = tf.memory().numTensors;
    variablesBegan = Object.keys(tf.engine().state.registeredVariables).length;
  });
  afterEach(() => {
    expect(Object.keys(tf.engine().state.registeredVariables)).toHaveLength(variablesBegan);
    expect(tf.memory().numTensors).toBe(began);
  });

  /** Linear regression to zero by gradient descent with momentum. */
  const regression = () => {
    const w = tf.tidy(() => tf.variable(tf.tensor2d([[1], [-2], [0.5]])));
    const v = tf.tidy(() => tf.variable(tf.zerosLike(w), false));
    const step = ({ x }: { x: tf.Tensor2D }, { lr }: { lr: tf.Scalar }) =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => tf.matMul(x, w as tf.Tensor2D).square().mean(), [w]);
        const velocity = tf.add(tf.mul(v, 0.9), grads[w.name] as tf.Tensor);
        v.assign(velocity as tf.Tensor2D);
        w.assign(tf.sub(w, tf.mul(velocity, lr)));
        return { loss: value };
      });
    return { w, v, step, dispose: () => tf.dispose([w, v]) };
  };

  const lossOf = (outputs: { loss: tf.Tensor }): number => {
    const [value = NaN] = outputs.loss.dataSync();
    outputs.loss.dispose();
    return value;
  };

  it('is what the step is, to the bit, with numbers that change and batches of two sizes', async () => {
    const [compiled, eager] = [regression(), regression()];
    const step = compiledStep(compiled.step, openProgram({ graphOptimizer: 'exact' }));
    expect(step.compiled).toBe(true);
    const whole = x();
    const part = tf.tidy(() => whole.slice([0, 0], [3, 3]));
    for (let at = 0; at < 8; at++) {
      const [input, lr] = [at % 3 === 2 ? part : whole, 0.1 / (at + 1)];
      const rate = tf.scalar(lr);
      expect(lossOf(await step({ x: input }, { lr }))).toBe(lossOf(eager.step({ x: input }, { lr: rate })));
      rate.dispose();
    }
    await step.pull();
    expect([...compiled.w.dataSync()]).toEqual([...eager.w.dataSync()]);
    expect([...compiled.v.dataSync()]).toEqual([...eager.v.dataSync()]);
    await step.close();
    compiled.dispose();
    eager.dispose();
    tf.dispose([whole, part]);
  });

  it('leaves variables as they were until they are pulled, and takes what is pushed', async () => {
    const { w, step, dispose } = regression();
    const before = [...w.dataSync()];
    const compiled = compiledStep(step);
    const input = x();
    await compiled.quiet({ x: input }, { lr: 0.1 });
    expect([...w.dataSync()]).toEqual(before);
    await compiled.pull();
    const after = [...w.dataSync()];
    expect(after).not.toEqual(before);
    tf.tidy(() => w.assign(tf.zerosLike(w)));
    await compiled.push();
    expect(lossOf(await compiled({ x: input }, { lr: 0 }))).toBe(0);
    await compiled.close();
    expect(await refusal(compiled({ x: input }, { lr: 0.1 }))).toBe('the compiled program is closed: open another');
    await compiled.close();
    dispose();
    input.dispose();
  });

  it('shares variables with other steps, and runs in the order of calls', async () => {
    const { w, step, dispose } = regression();
    const program = openProgram();
    const [train, read] = [program.step(step), program.step(() => ({ sum: tf.sum(w) }))];
    const input = x();
    const sums = await Promise.all(
      [0, 1, 2].map(async () => {
        const [, { sum }] = await Promise.all([train.quiet({ x: input }, { lr: 0.05 }), read({}, {})]);
        const [value] = sum.dataSync();
        sum.dispose();
        return value;
      }),
    );
    expect(new Set(sums).size).toBe(3);
    await program.pull();
    const [now] = tf.tidy(() => tf.sum(w).dataSync());
    expect(sums[2]).toBeCloseTo(now ?? NaN, 6);
    await program.close();
    dispose();
    input.dispose();
  });

  it('keeps apart variables that share memory', async () => {
    const a = tf.tidy(() => tf.variable(tf.tensor1d([1, 2])));
    const mean = tf.tidy(() => tf.variable(a.clone(), false));
    const step = compiledStep(({ d }: { d: tf.Tensor1D }) => {
      a.assign(tf.sub(a, d));
      mean.assign(tf.add(tf.mul(mean, 0.5), tf.mul(a, 0.5)));
      return {};
    });
    const d = tf.tensor1d([1, -1]);
    await step({ d }, {});
    await step({ d }, {});
    await step.pull();
    expect([...a.dataSync()]).toEqual([-1, 4]);
    expect([...mean.dataSync()]).toEqual([-0.25, 3.25]);
    await step.close();
    tf.dispose([a, mean, d]);
  });

  it('leaves the event loop free', async () => {
    const m = tf.tidy(() => tf.variable(tf.fill([500, 500], 0.01)));
    const step = compiledStep((_: Record<string, never>, { s }: { s: tf.Scalar }) => ({
      mean: Array.from({ length: 20 }).reduce<tf.Tensor>((h) => tf.matMul(h as tf.Tensor2D, m as tf.Tensor2D), tf.mul(m, s)).mean(),
    }));
    tf.dispose(await step({}, { s: 1 }));
    const running = step({}, { s: 1 });
    let turns = 0;
    const ticker = setInterval(() => (turns += 1), 1);
    tf.dispose(await running);
    clearInterval(ticker);
    expect(turns).toBeGreaterThan(0);
    await step.close();
    m.dispose();
  });

  describe('refuses, and leaves no trace of', () => {
    const refused = async (step: (inputs: { x: tf.Tensor2D }) => Record<string, tf.Tensor>): Promise<string> => {
      const compiled = compiledStep(step);
      const input = x();
      const reason = await refusal(compiled({ x: input }, {}));
      input.dispose();
      await compiled.close();
      return reason;
    };
    const here = String.raw`\((?:packages/native/)?src/compiled-step\.test\.ts:\d+:\d+\)`;

    it('a value that is read', async () => {
      expect(await refused(({ x }) => ({ y: (x.mean().dataSync()[0] ?? 0) > 0 ? tf.relu(x) : tf.neg(x) }))).toMatch(
        new RegExp(`^the step ${here} looks at a value while the step is recorded: a compiled step may not read tensors`),
      );
    });

    it('a tensor that was made outside', async () => {
      const outside = tf.tidy(() => tf.add(tf.ones([3]), 1));
      expect(await refused(({ x }) => ({ y: x.mul(outside) }))).toMatch(
        new RegExp(`^tf\\.mul ${here} uses a tensor that was made outside of the step: pass it as an input, make it a tf\\.variable, or make it inside$`),
      );
      outside.dispose();
    });

    it('a tensor that was made outside, and whose values TensorFlow has not seen yet', async () => {
      const outside = tf.scalar(2);
      expect(await refused(({ x }) => ({ y: x.mul(outside) }))).toMatch(new RegExp(`^tf\\.mul ${here} uses a tensor that was made outside of the step`));
      outside.dispose();
    });

    it('a variable made inside', async () => {
      expect(await refused(({ x }) => ({ y: tf.mul(x, tf.variable(tf.scalar(2), false, 'inner')) }))).toMatch(/makes the variable 'inner' inside the step: make variables and optimizer slots before it$/);
    });

    it('a variable disposed inside', async () => {
      tf.tidy(() => tf.variable(tf.scalar(2), false, 'gone'));
      const gone = tf.engine().state.registeredVariables['gone'] as tf.Variable;
      expect(
        await refused(({ x }) => {
          gone.dispose();
          return { y: x.clone() };
        }),
      ).toBe("the step disposes the variable 'gone': a compiled step may only assign to variables");
    });

    it('a large array of the host', async () => {
      const values = Float32Array.from({ length: 2 ** 19 }, (_, index) => index);
      expect(await refused(({ x }) => ({ y: tf.add(tf.tensor1d(values).sum(), x.sum()) }))).toMatch(
        new RegExp(`^tf\\.sum ${here} would bake 2\\.0 MB of the host into the step \\(at most 1\\.0 MB\\): pass the values as an input or a tf\\.variable$`),
      );
    });

    it('host randomness', async () => {
      expect(await refused(({ x }) => ({ y: tf.dropout(x, 0.5) }))).toMatch(
        new RegExp(`^tf\\.dropout ${here} uses a number of the host that was .* when the step was first recorded and .* the second time: it would be frozen, so pass it as a scalar or an input`),
      );
    });

    it('a number that changes', async () => {
      let lr = 0.2;
      expect(await refused(({ x }) => ({ y: tf.mul(x, (lr *= 0.5)) }))).toMatch(new RegExp(`^tf\\.mul ${here} uses a number of the host that was 0\\.1\\d* when .* and 0\\.05\\d* the second time`));
    });

    it('a structure that changes', async () => {
      let calls = 0;
      expect(await refused(({ x }) => ({ y: calls++ % 2 === 0 ? tf.sin(x) : tf.cos(x) }))).toMatch(
        new RegExp(`^tf\\.sin ${here} was tf\\.cos when the step was recorded a second time: what a step computes must depend on nothing but the shapes of its inputs$`),
      );
    });

    it('a promise, and what is no tensor', async () => {
      expect(await refused((() => Promise.resolve({})) as never)).toBe('the step returns a promise: return tensors, and await nothing inside');
      expect(await refused((() => ({ loss: 3 })) as never)).toBe("the step returns 'loss', which is not a tensor: return tensors by name");
    });

    it("tf.train's optimizers, which make their slots in the first step", async () => {
      const w = tf.tidy(() => tf.variable(tf.ones([3, 1])));
      const optimizer = tf.train.adam(0.1);
      expect(await refused(({ x }) => ({ loss: optimizer.minimize(() => tf.matMul(x, w as unknown as tf.Tensor2D).mean(), true, [w]) as tf.Tensor }))).toMatch(/outside of the step|inside the step/);
      optimizer.dispose();
      w.dispose();
    });
  });

  it('says what the step itself throws', async () => {
    const compiled = compiledStep(({ x }: { x: tf.Tensor2D }) => ({ y: tf.matMul(x, x) }));
    const input = x();
    expect(await refusal(compiled({ x: input }, {}))).toMatch(/Matrix size-incompatible/);
    input.dispose();
    await compiled.close();
  });

  it('names an input that is too short, and a device that does not exist', async () => {
    expect(() => openProgram({ devices: ['/GPU:7'] })).toThrow(/^there is no device '\/GPU:7': there are .*\/CPU:0/);
    expect(() => openProgram({ devices: ['cpu'] })).toThrow("a device is named like '/CPU:0' or '/GPU:1', not 'cpu'");
    await Promise.resolve();
  });

  it('forgets recordings before they become many, and goes on with the same variables', async () => {
    const [compiled, eager] = [regression(), regression()];
    const step = compiledStep(compiled.step, openProgram({ graphOptimizer: 'exact', mostRecordings: 4 }));
    for (let at = 0; at < 13; at++) {
      const input = tf.tidy(() => tf.ones<tf.Rank.R2>([1 + (at % 6), 3]));
      const rate = tf.scalar(0.01);
      expect(lossOf(await step({ x: input }, { lr: 0.01 }))).toBe(lossOf(eager.step({ x: input }, { lr: rate })));
      tf.dispose([input, rate]);
    }
    await step.close();
    compiled.dispose();
    eager.dispose();
  });
});

describe('on a backend that compiles nothing', () => {
  it('the same function runs', async () => {
    // None is in use where TensorFlow is not installed.
    const before = tf.getBackend() as string | undefined;
    await tf.setBackend('cpu');
    const step = compiledStep(({ x }: { x: tf.Tensor2D }, { by }: { by: tf.Scalar }) => ({ y: tf.mul(x, by) }));
    expect(step.compiled).toBe(false);
    const input = x();
    const { y } = await step({ x: input }, { by: 2 });
    expect(y.dataSync()[2]).toBe(6);
    await step.quiet({ x: input }, { by: 2 });
    await step.close();
    tf.dispose([input, y]);
    if (before !== undefined) await tf.setBackend(before);
  });
});

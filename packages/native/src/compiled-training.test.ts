import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FitOptions, type Graph, type Model, type Optimizer, type Run, type TrainingEvent, defineTerm } from '@codistill/core';
import { meanProbabilities } from '@codistill/ensemblers';
import { crossEntropy, hint, kd, mutualKl } from '@codistill/losses';
import { accuracy, ece } from '@codistill/metrics';
import { cnn, mlp, mobilenet, resnet } from '@codistill/models';
import { adam, adamw, chain, clipByGlobalNorm, descend, parameterGroups, rmsprop, scaleByAdam, sgd } from '@codistill/optimizers';
import { createPipeline } from '@codistill/pipeline';
import { cosine, linear, rampUp } from '@codistill/schedulers';
import { blobs, describeOnNative } from '@codistill/testkit';
import { type Outcome, fit } from '@codistill/trainer';
import * as tf from '@tensorflow/tfjs';
import { nativeCompiler } from './native-compiler.ts';
import { native } from './native.ts';
import { loadAddon } from './session/load-addon.ts';
import { loadTfjsNode } from './session/load-tfjs-node.ts';

const graphs: Graph[] = [];
/** The chain with an engine that hands the graph out. */
const compose = createPipeline((graph: Graph) => {
  graphs.push(graph);
  return Promise.resolve({ spec: graph.spec } as Run);
});
const graphOf = async (chain: { build(): Promise<unknown> }): Promise<Graph> => {
  await chain.build();
  return graphs.at(-1) as Graph;
};

/** Ten examples in batches of four: the last of each epoch is smaller. */
const images = blobs({ classes: 3, input: [8, 8, 3], examples: 10, batch: 4 });

const joint = (teacher: Model, student: Model, optimizer: Optimizer): Promise<Graph> =>
  graphOf(
    compose(images)
      .teacher(teacher as ReturnType<typeof mlp>)
      .students({ a: student as ReturnType<typeof mlp>, b: student as ReturnType<typeof mlp> })
      .supervise(crossEntropy())
      .distill(kd({ temperature: linear({ from: 4, to: 2 }) }), { weight: rampUp({ epochs: 1 }) })
      .mutual(mutualKl())
      .optimize(optimizer)
      .ensemble(meanProbabilities()),
  );

interface Ran {
  readonly outcome: Outcome;
  readonly events: readonly TrainingEvent[];
  readonly weights: Readonly<Record<string, Float32Array>>;
}

const train = async (graph: Graph, options: FitOptions, compiler = nativeCompiler()): Promise<Ran> => {
  const events: TrainingEvent[] = [];
  const outcome = await fit(graph, { epochs: 1, seed: 3, listeners: [{ name: 'log', on: (event) => void events.push(event) }], ...options }, [accuracy(), ece()], 'tensorflow', compiler);
  const weights = Object.fromEntries(Object.entries(outcome.live.variables).map(([name, variable]) => [name, variable.dataSync().slice() as Float32Array]));
  return { outcome, events, weights };
};

const end = async ({ outcome }: Ran): Promise<void> => {
  await outcome.execution.close();
  outcome.live.dispose();
};

const notices = ({ events }: Ran): readonly string[] => events.flatMap((event) => (event.type === 'notice' ? [event.sentence] : []));

/** Trains a graph both ways, and expects the same numbers of both, to the bit: losses, evaluations and every variable. */
const expectSame = async (graph: Graph, options: FitOptions = {}): Promise<void> => {
  const eager = await train(graph, { ...options, eager: true });
  const compiled = await train(graph, options);
  expect(notices(compiled)).toEqual([]);
  expect(compiled.events).toEqual(eager.events);
  expect(compiled.weights).toEqual(eager.weights);
  await end(eager);
  await end(compiled);
};

describeOnNative('compiled training', [loadTfjsNode, loadAddon], () => {
  beforeAll(async () => {
    await native().start({});
  });

  let began = 0;
  beforeEach(() => {
    began = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors).toBe(began);
  });

  const small = mlp({ hidden: [8] });

  describe('is training operation by operation, to the bit, with', () => {
    const models: Readonly<Record<string, Model>> = {
      mlp: mlp({ hidden: [12] }),
      'mlp, dropout': mlp({ hidden: [12], dropout: 0.3 }),
      cnn: cnn({ channels: [4, 6], dropout: 0.2 }),
      resnet: resnet({ depth: 8, width: 4 }),
      mobilenet: mobilenet({ width: 0.25, stages: [{ expansion: 2, channels: 8, units: 1, stride: 1 }], stem: 8, features: 16, dropout: 0.2 }),
    };
    it.each(Object.keys(models))('a teacher of the kind: %s', async (name) => {
      await expectSame(await joint(models[name] as Model, small, sgd({ lr: 0.1, momentum: 0.9 })));
    });

    const optimizers: Readonly<Record<string, Optimizer>> = {
      sgd: sgd({ lr: 0.1 }),
      nesterov: sgd({ lr: cosine({ from: 0.1 }), momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
      adam: adam({ lr: cosine({ from: 0.01 }) }),
      adamw: adamw({ lr: 0.01 }),
      rmsprop: rmsprop({ lr: 0.01 }),
      'a chain that clips': chain(clipByGlobalNorm({ max: 0.1 }), scaleByAdam(), descend({ lr: 0.01 })),
      'a group of its own for biases': parameterGroups(sgd({ lr: 0.1, momentum: 0.9, weightDecay: 1e-3 }), { bias: adam({ lr: cosine({ from: 0.01 }) }) }),
    };
    it.each(Object.keys(optimizers))('the optimizer %s', async (name) => {
      const graph = await graphOf(compose(images).students({ a: cnn({ channels: [3] }) }).supervise(crossEntropy()).optimize(optimizers[name] as Optimizer));
      await expectSame(graph, { evaluateEvery: 0 });
    });

    it('stages, in which edges begin and a network rests', async () => {
      const graph = await graphOf(
        compose(images)
          .teacher(cnn({ channels: [4] }))
          .students({ a: small })
          .stages([
            { name: 'alone', epochs: 1 },
            { name: 'together', epochs: 1, freeze: ['teacher'] },
          ])
          .supervise(crossEntropy())
          .distill(kd({ temperature: 4 }), { when: ['together'] })
          .optimize(sgd({ lr: 0.1, momentum: 0.9 })),
      );
      await expectSame(graph, { epochs: 2 });
    });

    it('students that learn from each other, without a teacher', async () => {
      const student = cnn({ channels: [3], stride: 2 });
      const graph = await graphOf(
        compose(images)
          .students({ a: student, b: student, c: student })
          .supervise(crossEntropy())
          .mutual(kd({ temperature: 2 }), { weight: rampUp() })
          .optimize(adam({ lr: cosine({ from: 0.005 }) }))
          .ensemble(meanProbabilities()),
      );
      await expectSame(graph);
    });

    it('a term that has weights of its own', async () => {
      const graph = await graphOf(
        compose(images)
          .teacher(cnn({ channels: [4, 6] }))
          .students({ a: cnn({ channels: [3, 4] }) })
          .supervise(crossEntropy())
          .distill(hint({ at: 'last', project: true }))
          .optimize(adam({ lr: 0.01 })),
      );
      await expectSame(graph);
    });
  });

  it('differs by little after one step where the graph optimiser may reorder additions', async () => {
    const graph = await joint(resnet({ depth: 8, width: 4 }), small, sgd({ lr: 0.1, momentum: 0.9 }));
    const stop = {
      name: 'stop',
      on: (event: TrainingEvent, signals: { stop(why: string): void }) => {
        if (event.type === 'step') signals.stop('one step');
      },
    };
    const eager = await train(graph, { eager: true, evaluateEvery: 0, listeners: [stop] });
    const compiled = await train(graph, { evaluateEvery: 0, listeners: [stop] }, nativeCompiler({ graphOptimizer: 'full' }));
    for (const [name, values] of Object.entries(eager.weights)) {
      const scale = Math.max(...values.map(Math.abs), 1e-3);
      values.forEach((value, index) => expect(Math.abs((compiled.weights[name]?.[index] ?? NaN) - value) / scale).toBeLessThan(1e-5));
    }
    await end(eager);
    await end(compiled);
  });

  it('repeats itself to the bit, and goes on from a checkpoint as if nothing had happened', async () => {
    const graph = await joint(cnn({ channels: [4], dropout: 0.2 }), small, adam({ lr: 0.01 }));
    const folder = mkdtempSync(join(tmpdir(), 'codistill-compiled-'));
    const last = (name: string): Buffer => readFileSync(join(folder, name, readdirSync(join(folder, name)).sort().at(-1) ?? ''));
    const whole = await train(graph, { epochs: 2, checkpoints: { directory: join(folder, 'whole') } });
    const controller = new AbortController();
    const interrupt = {
      name: 'interrupt',
      on: (event: TrainingEvent) => {
        if (event.type === 'step' && event.step === 2) controller.abort();
      },
    };
    const half = await train(graph, { epochs: 2, listeners: [interrupt], signal: controller.signal, checkpoints: { directory: join(folder, 'parts') } });
    expect(half.outcome.reason).toBe('interrupted');
    const rest = await train(graph, { epochs: 2, checkpoints: { directory: join(folder, 'parts'), resume: true } });
    expect(rest.weights).toEqual(whole.weights);
    expect(last('parts').equals(last('whole'))).toBe(true);
    for (const ran of [whole, half, rest]) await end(ran);
    rmSync(folder, { recursive: true });
  });

  it('computes the same on several devices, each network on its own', async () => {
    const graph = await joint(cnn({ channels: [4] }), small, sgd({ lr: 0.1, momentum: 0.9 }));
    const one = await train(graph, {});
    const three = await train(graph, { devices: ['/CPU:0', '/CPU:1', '/CPU:2'] });
    expect(notices(three)).toEqual([]);
    expect(three.weights).toEqual(one.weights);
    await end(one);
    await end(three);
  });

  it('loads the next batch while a step runs', async () => {
    const log: string[] = [];
    const { train: loader } = images;
    const watched = {
      ...images,
      train: {
        ...loader,
        at: (...[position, ...rest]: Parameters<typeof loader.at>) => {
          log.push(`load ${position}`);
          return loader.at(position, ...rest);
        },
      },
    };
    const graph = await graphOf(compose(watched).teacher(small).students({ a: small }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 })));
    log.length = 0;
    const listener = {
      name: 'log',
      on: (event: TrainingEvent) => {
        if (event.type === 'step') log.push(`step ${event.step}`);
      },
    };
    await end(await train(graph, { epochs: 2, evaluateEvery: 0, listeners: [listener] }));
    for (const step of [1, 2, 3, 4]) expect(log.indexOf(`load ${step}`)).toBeLessThan(log.indexOf(`step ${step}`));
  });

  it('says that devices are not used where nothing is compiled', async () => {
    const graph = await joint(small, small, sgd({ lr: 0.1 }));
    const ran = await train(graph, { eager: true, devices: ['/CPU:0', '/CPU:1'] });
    expect(notices(ran)).toEqual(['the devices /CPU:0, /CPU:1 are not used: only a compiled step is placed on devices']);
    await end(ran);
  });

  it('goes on operation by operation where an edge cannot be recorded, and names it', async () => {
    const peeking = defineTerm({
      name: 'peeking',
      from: 'node',
      needs: ['logits'],
      compute: (to, from) => {
        const distance = to.logits.sub(from.logits).square().sum(-1);
        return (tf.mean(distance).dataSync()[0] ?? 0) > 1e6 ? distance.mul(0.5) : distance;
      },
    });
    const graph = await graphOf(
      compose(images).teacher(small).students({ a: small }).supervise(crossEntropy()).distill(peeking).optimize(sgd({ lr: 0.01 })),
    );
    const eager = await train(graph, { eager: true });
    const fallen = await train(graph, {});
    expect(notices(fallen)).toEqual([
      expect.stringMatching(/^the step is not compiled and runs operation by operation: the step in teacher -peeking-> a \(.*compiled-training\.test\.ts:\d+:\d+\) looks at a value while the step is recorded/),
    ]);
    expect(fallen.weights).toEqual(eager.weights);
    await end(eager);
    await end(fallen);
  });

  it('names the part of the pipeline whose numbers would be frozen', async () => {
    const random = defineTerm({
      name: 'random',
      from: 'node',
      needs: ['logits'],
      compute: (to) => to.logits.mul(tf.randomUniform(to.logits.shape)).sum(-1),
    });
    const graph = await graphOf(compose(images).teacher(small).students({ a: small }).supervise(crossEntropy()).distill(random).optimize(sgd({ lr: 0.01 })));
    const fallen = await train(graph, { epochs: 1 });
    expect(notices(fallen)).toEqual([expect.stringMatching(/^the step is not compiled .*: tf\.mul in teacher -random-> a \(.*compiled-training\.test\.ts:\d+:\d+\) uses a number of the host/)]);
    await end(fallen);
  });
});

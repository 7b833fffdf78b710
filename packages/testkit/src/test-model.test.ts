import { defineModel, fold, key, type Model, normal, type Readings, type Signal } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type ModelLawOptions, modelLaws } from './test-model.ts';
import { testOn } from './test-on.ts';

testOn('cpu');

/** What can be wrong with a model. */
interface Faults {
  readonly signal?: (reading: tf.Tensor) => tf.Tensor;
  readonly training?: (logits: tf.Tensor, scale: tf.Variable) => tf.Tensor;
  readonly fickle?: boolean;
  readonly keeps?: tf.Tensor[];
  readonly idle?: boolean;
  readonly extra?: Signal;
}

const isVariable = (tensor: tf.Tensor): tensor is tf.Variable => tensor instanceof tf.Variable;

/** A linear model by hand, right but for its faults. */
const linear = (faults: Faults = {}): Model => {
  let builds = 0;
  return defineModel<Signal>({
    name: 'linear',
    emits: ['logits', ...(faults.extra === undefined ? [] : [faults.extra])],
    build: ({ input, classes }, seed) => {
      builds += 1;
      const x = tf.input({ shape: [...input], name: 'input' });
      const head = tf.layers.dense({ units: classes, name: 'head', kernelInitializer: 'zeros' });
      const layers = tf.model({ inputs: x, outputs: head.apply(x) as tf.SymbolicTensor });
      const [kernel, bias] = layers.weights.map((weight) => weight.read()).filter(isVariable);
      if (kernel === undefined || bias === undefined) throw new Error('tfjs keeps weights elsewhere');
      tf.tidy(() => {
        kernel.assign(tf.tensor(normal(fold(seed, faults.fickle === true ? builds : 0), kernel.size), kernel.shape));
      });
      return {
        layers,
        parameters: { 'head/kernel': kernel, 'head/bias': bias },
        buffers: {},
        read: (batch, signals, mode) =>
          tf.tidy(() => {
            const biased = faults.idle === true ? tf.matMul(batch, kernel) : tf.add(tf.matMul(batch, kernel), bias);
            const trained = mode.training ? (faults.training?.(biased, bias) ?? biased) : biased;
            const logits = faults.signal?.(trained) ?? trained;
            faults.keeps?.push(tf.keep(tf.zeros([1])));
            return Object.fromEntries(signals.filter((signal) => signal === 'logits').map((signal) => [signal, logits])) as Readings;
          }),
        readFrom: () => {
          throw new Error('nothing asks for it');
        },
        dispose: () => {
          layers.dispose();
        },
      };
    },
  });
};

const sites = [{ input: [4], classes: 3 }];

/** What the laws say that do not hold. */
const broken = async (model: Model, options: ModelLawOptions = {}): Promise<readonly string[]> => {
  const said: string[] = [];
  for (const { check } of modelLaws(model, { sites, ...options })) {
    try {
      await check();
    } catch (error) {
      said.push((error as Error).message);
    }
  }
  return said;
};

describe('modelLaws', () => {
  it('hold for a plain linear model', async () => {
    expect(await broken(linear())).toEqual([]);
  });

  it('say that a declared signal does not come', async () => {
    expect(await broken(linear({ extra: 'tap:hidden' }))).toContain("model 'linear' was asked for 'logits', 'tap:hidden' and gave 'logits'.");
  });

  it('say that the batch is not first', async () => {
    expect(await broken(linear({ signal: (logits) => tf.transpose(logits) }), { batch: 5 })).toContain(
      "'logits' of model 'linear' has shape [3, 5]: its first length must be the batch, 5.",
    );
  });

  it('say that the classes are not last', async () => {
    expect(await broken(linear({ signal: (logits) => tf.concat([logits, logits], 1) }))).toContain(
      "the logits of model 'linear' have shape [3, 6]: the last length must be the classes, 3.",
    );
  });

  it('say that the key does not decide the weights', async () => {
    const model = linear();
    expect(await broken({ ...model, build: (site) => model.build(site, key(0)) })).toEqual(["model 'linear' has the same weights for two keys: derive them from the key."]);
    expect(await broken(model, { keyed: false })).toEqual(["model 'linear' has other weights for another key."]);
  });

  it('say that chance decides them', async () => {
    expect(await broken(linear({ fickle: true }))).toContain(
      "'head/kernel' of model 'linear' differs between two builds with the same key: draw with core's keys only.",
    );
  });

  it('say that a parameter has no part in the output, unless it need not', async () => {
    expect(await broken(linear({ idle: true }))).toEqual([
      "no gradient of 'logits' reaches 'head/bias' of model 'linear': use it, or make it a buffer, or list it under without.",
    ]);
    expect(await broken(linear({ idle: true }), { without: ['head/bias'] })).toEqual([]);
  });

  it('say that training draws by itself', async () => {
    let count = 0;
    expect(await broken(linear({ training: (logits) => tf.add(logits, count++) }))).toEqual([
      "'logits' of model 'linear' differs between two training passes with the same input and key.",
    ]);
  });

  it('say that training moves a parameter', async () => {
    const moving = (logits: tf.Tensor, bias: tf.Variable): tf.Tensor => {
      const moved = tf.add(logits, 0);
      bias.assign(tf.add(bias, 1));
      return moved;
    };
    expect(await broken(linear({ training: moving }))).toContain(
      "'logits' of model 'linear' differs between two training passes with the same input and key.",
    );
  });

  it('say that a value is not finite', async () => {
    const said = await broken(linear({ signal: (logits) => tf.div(logits, 0) }));
    expect(said).toContain("model 'linear' infers a value that is not finite.");
    expect(said).toContain("'logits' of model 'linear' is not finite for a batch of one example.");
  });

  it('say that the saved model computes something else', async () => {
    expect(await broken(linear({ signal: (logits) => tf.mul(logits, 2) }))).toEqual([
      "model 'linear', saved and loaded by plain tfjs, gives another output than 'logits'.",
    ]);
  });

  it('say that a pass leaks', async () => {
    const keeps: tf.Tensor[] = [];
    expect(await broken(linear({ keeps }))).toEqual(["model 'linear' keeps 2 tensors from a pass beyond its readings."]);
    tf.dispose(keeps);
  });
});

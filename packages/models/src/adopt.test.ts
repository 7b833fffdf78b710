import { CodistillError, describe as describePart, key, type Model, type Network } from '@codistill/core';
import { testModel, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { adopt, type LayersFactory } from './adopt.ts';
import { disposeLayers } from './dispose-layers.ts';

type Symbolic = tf.SymbolicTensor;

const made: tf.LayersModel[] = [];
const own = <M extends tf.LayersModel>(model: M): M => {
  made.push(model);
  return model;
};
afterAll(() => {
  for (const model of made) disposeLayers(model);
});

testOn('cpu');

const site = { input: [4], classes: 3 };

/** Two dense layers, batch norm and dropout between, as a user would write them. */
const sequential = (activation: 'softmax' | 'linear' | 'sigmoid' = 'softmax'): tf.Sequential =>
  tf.sequential({
    name: 'mine',
    layers: [
      tf.layers.dense({ units: 6, inputShape: [4], name: 'hidden', activation: 'tanh' }),
      tf.layers.batchNormalization({ name: 'norm' }),
      tf.layers.dropout({ rate: 0.3, name: 'drop' }),
      tf.layers.dense({ units: 3, activation, name: 'out' }),
    ],
  });

const values = (tensor: tf.Tensor | undefined): number[] => [...(tensor?.dataSync() ?? [])];
const read = (network: Network<'logits'>, x: tf.Tensor): number[] => tf.tidy(() => values(network.read(x, ['logits'], { training: false }).logits));
const probabilities = (model: tf.LayersModel, x: tf.Tensor): number[] => tf.tidy(() => values(model.predict(x) as tf.Tensor));
const softmax = (logits: readonly number[]): number[] => tf.tidy(() => values(tf.softmax(tf.tensor2d([...logits], [logits.length / 3, 3]))));

/** Made when tests run, not when they are collected: the backend is chosen in between. */
const late = (make: () => Model<'logits' | 'tap:hidden'>): Model<'logits' | 'tap:hidden'> => {
  let model: Model<'logits' | 'tap:hidden'> | undefined;
  const { name, options, emits } = { name: 'adopt' as const, options: {}, emits: ['logits', 'tap:hidden'] as const };
  return { package: '@codistill/models', name, options, emits, classes: 3, normalisation: null, build: (at, seed) => (model ??= make()).build(at, seed) };
};

testModel(late(() => adopt(own(sequential()), { taps: { hidden: 'hidden' } })), { sites: [site], keyed: false });
testModel(late(() => adopt(own(sequential()), { taps: { hidden: 'hidden' }, initialise: 'fresh' })), { sites: [site] });
testModel(adopt(({ input, classes }) => tf.sequential({ layers: [tf.layers.flatten({ inputShape: [...input] }), tf.layers.dense({ units: classes, name: 'head' })] })));

describe('adopt, given a model', () => {
  const x = (): tf.Tensor => tf.tensor2d([[1, -2, 0.5, 3], [0, 1, 2, -1]]);

  it('keeps its weights, works on copies and changes nothing', () => {
    const model = own(sequential());
    const input = x();
    const before = probabilities(model, input);
    const recipe = adopt(model);
    const [one, two] = [recipe.build(site, key(1)), recipe.build(site, key(2))];
    softmax(read(one, input)).forEach((p, index) => {
      expect(p).toBeCloseTo(before[index] ?? NaN, 6);
    });
    tf.tidy(() => {
      one.parameters['out/kernel']?.assign(tf.zeros([6, 3]));
      one.read(input, ['logits'], { training: true, key: tf.tensor1d([1, 2], 'int32') });
    });
    expect(values(one.buffers['norm/moving_mean'])).not.toEqual(values(two.buffers['norm/moving_mean']));
    expect(probabilities(model, input)).toEqual(before);
    softmax(read(two, input)).forEach((p, index) => {
      expect(p).toBeCloseTo(before[index] ?? NaN, 6);
    });
    one.dispose();
    expect(probabilities(model, input)).toEqual(before);
    two.dispose();
    input.dispose();
  });

  it('reads logits from before the softmax, however it is written', () => {
    const input = x();
    const functional = (end: (x: Symbolic) => Symbolic): tf.LayersModel => {
      const start = tf.input({ shape: [4] });
      return own(tf.model({ inputs: start, outputs: end(tf.layers.dense({ units: 3, name: 'scores' }).apply(start) as Symbolic) }));
    };
    const models = [
      sequential(),
      functional((scores) => tf.layers.softmax({ name: 'end' }).apply(scores) as Symbolic),
      functional((scores) => tf.layers.activation({ activation: 'softmax', name: 'end' }).apply(scores) as Symbolic),
    ];
    own(models[0] as tf.LayersModel);
    for (const model of models) {
      const network = adopt(model).build(site, key(1));
      const logits = read(network, input);
      expect(logits.some((z) => z < 0 || z > 1)).toBe(true);
      softmax(logits).forEach((p, index) => {
        expect(p).toBeCloseTo(probabilities(model, input)[index] ?? NaN, 6);
      });
      // What is exported gives logits too.
      expect(probabilities(network.layers, input)).toEqual(logits);
      network.dispose();
    }
    const linear = own(sequential('linear'));
    const network = adopt(linear).build(site, key(1));
    expect(read(network, input)).toEqual(probabilities(linear, input));
    network.dispose();
    input.dispose();
  });

  it('takes models that were saved and loaded', async () => {
    const start = tf.input({ shape: [6, 6, 1] });
    const map = tf.layers.conv2d({ filters: 2, kernelSize: 3, name: 'conv' }).apply(start);
    const functional = own(tf.model({ inputs: start, outputs: tf.layers.dense({ units: 3, activation: 'softmax', name: 'out' }).apply(tf.layers.flatten().apply(map)) as Symbolic }));
    for (const [model, at] of [[functional, { input: [6, 6, 1], classes: 3 }], [own(sequential()), site]] as const) {
      let artifacts: tf.io.ModelArtifacts = {};
      await model.save(
        tf.io.withSaveHandler((saved) => {
          artifacts = saved;
          return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) });
        }),
      );
      const loaded = own(await tf.loadLayersModel(tf.io.fromMemory(artifacts)));
      const network = adopt(loaded).build(at, key(1));
      const input = tf.ones([2, ...at.input]);
      softmax(read(network, input)).forEach((p, index) => {
        expect(p).toBeCloseTo(probabilities(model, input)[index] ?? NaN, 6);
      });
      input.dispose();
      network.dispose();
    }
  });

  it('takes the logits and taps from the layers it is told', () => {
    const start = tf.input({ shape: [4] });
    const body = tf.layers.dense({ units: 5, name: 'body' }).apply(start) as Symbolic;
    const [a, b] = ['a', 'b'].map((name) => tf.layers.dense({ units: 3, name }).apply(body) as Symbolic) as [Symbolic, Symbolic];
    const model = own(tf.model({ inputs: start, outputs: [a, b] }));
    const network = adopt(model, { logits: 'b', taps: { body: 'body' } }).build(site, key(1));
    expect(Object.keys(network.parameters)).toEqual(['body/kernel', 'body/bias', 'b/kernel', 'b/bias']);
    const input = x();
    tf.tidy(() => {
      const { logits, 'tap:body': tapped } = network.read(input, ['logits', 'tap:body'], { training: false });
      expect(values(logits)).toEqual(values((model.predict(input) as tf.Tensor[])[1]));
      expect(tapped.shape).toEqual([2, 5]);
    });
    network.dispose();
    input.dispose();
  });

  it('leaves frozen layers frozen, and models inside whole', () => {
    const backbone = tf.sequential({
      name: 'backbone',
      layers: [tf.layers.dense({ units: 5, inputShape: [4], name: 'deep', trainable: false }), tf.layers.batchNormalization({ name: 'inner', trainable: false })],
    });
    const start = tf.input({ shape: [4] });
    const features = backbone.apply(start) as Symbolic;
    const model = own(tf.model({ inputs: start, outputs: tf.layers.dense({ units: 3, name: 'head' }).apply(features) as Symbolic }));
    const network = adopt(model, { taps: { features: 'backbone' } }).build(site, key(1));
    expect(Object.keys(network.parameters)).toEqual(['head/kernel', 'head/bias']);
    expect(Object.keys(network.buffers)).toEqual(['deep/kernel', 'deep/bias', 'inner/gamma', 'inner/beta', 'inner/moving_mean', 'inner/moving_variance']);
    const input = x();
    expect(read(network, input)).toEqual(probabilities(model, input));
    network.dispose();
    input.dispose();
  });

  it('leaves a model frozen that was frozen as a whole', () => {
    const model = own(sequential('linear'));
    model.trainable = false;
    const network = adopt(model).build(site, key(1));
    expect(Object.keys(network.parameters)).toEqual([]);
    expect(Object.keys(network.buffers)).toHaveLength(8);
    network.dispose();
  });

  it('says its signals and classes in its type', () => {
    const recipe = adopt(own(sequential()), { taps: { hidden: 'hidden' }, classes: 3 });
    const typed: Model<'logits' | 'tap:hidden', 3> = recipe;
    // @ts-expect-error: it has three classes
    const other: Model<'logits' | 'tap:hidden', 4> = recipe;
    // @ts-expect-error: it has no such tap
    const tap: Model<'logits' | 'tap:deep'> = recipe;
    expect([typed.classes, other.classes, tap.emits]).toEqual([3, 3, ['logits', 'tap:hidden']]);
    expect(adopt(own(sequential())).classes).toBe(3);
    expect(describePart(recipe)).toEqual({
      package: '@codistill/models',
      name: 'adopt',
      options: { parameters: 4 * 6 + 6 + 4 * 6 + 6 * 3 + 3, taps: { hidden: 'hidden' }, initialise: 'keep' },
    });
    expect(adopt(own(sequential()), { normalisation: { mean: [1], std: [2] } }).normalisation).toEqual({ mean: [1], std: [2] });
  });
});

describe('adopt, given a function', () => {
  const factory: LayersFactory = ({ input, classes }) =>
    tf.sequential({ layers: [tf.layers.dense({ units: 5, inputShape: [...input], name: 'body' }), tf.layers.dense({ units: classes, activation: 'softmax', name: 'head' })] });

  it('builds for any site, with weights from the key', () => {
    const recipe = adopt(factory, { taps: { body: 'body' } });
    expect(recipe.classes).toBeNull();
    for (const classes of [2, 7]) {
      const network = recipe.build({ input: [3], classes }, key(1));
      expect(network.parameters['head/kernel']?.shape).toEqual([5, classes]);
      network.dispose();
    }
  });

  it('keeps the weights it gives, if told so', () => {
    const ones: LayersFactory = (at, seed) => {
      const model = factory(at, seed);
      tf.tidy(() => {
        model.setWeights(model.getWeights().map((weight) => tf.onesLike(weight)));
      });
      return model;
    };
    const network = adopt(ones, { initialise: 'keep' }).build(site, key(1));
    expect(new Set(values(network.parameters['body/kernel']))).toEqual(new Set([1]));
    network.dispose();
  });
});

describe('adopt refuses', () => {
  /** What it says, and that it leaves nothing behind. */
  const refusal = (attempt: () => unknown): CodistillError => {
    const before = tf.memory().numTensors;
    try {
      attempt();
    } catch (error) {
      expect(tf.memory().numTensors).toBe(before);
      if (error instanceof CodistillError) return error;
      throw error;
    }
    throw new Error('it was not refused');
  };
  const expectRefusal = (attempt: () => unknown, code: string, sentence: string): void => {
    const { code: given, message } = refusal(attempt);
    expect([given, message]).toEqual([code, sentence]);
  };

  it('a tap of a layer that is not there', () => {
    const model = own(sequential());
    expectRefusal(
      () => adopt(model, { taps: { deep: 'hiden' } }),
      'LAYER_MISSING',
      "adopt reads tap 'deep' from layer 'hiden', which the model does not have: it has 'hidden', 'norm', 'drop' and 'out'",
    );
    expectRefusal(
      () => adopt(model, { logits: 'head' }),
      'LAYER_MISSING',
      "adopt reads logits from layer 'head', which the model does not have: it has 'hidden', 'norm', 'drop' and 'out'",
    );
  });

  it('a tap of a layer that is applied twice', () => {
    const start = tf.input({ shape: [4] });
    const twice = tf.layers.dense({ units: 4, name: 'twice' });
    const model = own(tf.model({ inputs: start, outputs: twice.apply(twice.apply(start)) as Symbolic }));
    expectRefusal(
      () => adopt(model, { taps: { t: 'twice' } }),
      'LAYER_SHARED',
      "adopt reads tap 't' from layer 'twice', which the model applies 2 times: read it from a layer that is applied once",
    );
  });

  it('a tap behind the logits', () => {
    const model = own(sequential('linear'));
    const error = refusal(() => adopt(model, { logits: 'hidden', taps: { late: 'norm' } }).build({ input: [4], classes: 6 }, key(1)));
    expect(error.code).toBe('SIGNAL_FOREIGN');
  });

  it('several inputs, and several outputs', () => {
    const [one, two] = [tf.input({ shape: [4], name: 'left' }), tf.input({ shape: [4], name: 'right' })];
    const sum = tf.layers.add({ name: 'sum' }).apply([one, two]) as Symbolic;
    const inputs = own(tf.model({ inputs: [one, two], outputs: sum }));
    expectRefusal(() => adopt(inputs), 'INPUTS_COUNT', "a network has one input, but this model has 2, 'left' and 'right': adopt a part with one");
    const start = tf.input({ shape: [4] });
    const heads = ['a', 'b'].map((name) => tf.layers.dense({ units: 3, name }).apply(start) as Symbolic);
    const outputs = own(tf.model({ inputs: start, outputs: heads }));
    expectRefusal(
      () => adopt(outputs),
      'OUTPUTS_COUNT',
      "the adopted model has 2 outputs: say which gives the logits, adopt(model, { logits: 'a' }), where there are 'a' and 'b'",
    );
  });

  it('data of another shape or class count', () => {
    const model = own(sequential());
    expectRefusal(
      () => adopt(model).build({ input: [5], classes: 3 }, key(1)),
      'INPUT_SHAPE',
      'the adopted model takes [4] but an example of the data has shape [5]: resize the data, or adopt a function of the site',
    );
    expectRefusal(
      () => adopt(model).build({ input: [4], classes: 10 }, key(1)),
      'CLASSES_DIFFER',
      'the adopted model has 3 classes but the data has 10: replace its last layer, or adopt a function of the site',
    );
    expectRefusal(() => adopt(model, { classes: 4 }), 'CLASSES_DECLARED', "adopt is told classes: 4 but the model's logits have shape [any, 3]: correct classes, or leave it out");
  });

  it('a sigmoid at the end', () => {
    const model = own(sequential('sigmoid'));
    expectRefusal(
      () => adopt(model),
      'ENDS_IN',
      "the adopted model ends in a sigmoid (layer 'out'), from which no logits of classes can be read: end it in one linear unit per class",
    );
  });

  it('noise from the host, at once', () => {
    const model = own(tf.sequential({ layers: [tf.layers.gaussianNoise({ stddev: 1, inputShape: [4], name: 'noise' }), tf.layers.dense({ units: 3 })] }));
    expect(refusal(() => adopt(model)).code).toBe('DRAWS_ON_HOST');
  });

  it('layers that tfjs cannot make again', () => {
    class Odd extends tf.layers.Layer {
      static className = 'Odd';
    }
    const start = tf.input({ shape: [3] });
    const model = tf.model({ inputs: start, outputs: new Odd({ name: 'odd' }).apply(start) as Symbolic });
    const error = refusal(() => adopt(model));
    expect(error.code).toBe('NOT_COPIED');
    expect(error.message).toMatch(/^the model cannot be copied \(Unknown layer: Odd.*\): register its layers with tf\.serialization\.registerClass, or adopt a function that builds it$/s);
    const network = adopt(() => tf.model({ inputs: start, outputs: new Odd({ name: 'odd' }).apply(start) as Symbolic })).build({ input: [3], classes: 3 }, key(1));
    network.dispose();
  });

  it('a function whose layers have made-up names', () => {
    const { code, message } = refusal(() => adopt(() => tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] })).build(site, key(1)));
    expect(code).toBe('LAYERS_UNNAMED');
    expect(message).toMatch(/^adopt is given a function whose layers 'dense_Dense\d+' have names that tfjs makes up anew each time: name them, as in /);
  });
});

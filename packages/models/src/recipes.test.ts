import { CodistillError, describe as describePart, key, type Model, type Network, normal, sizeOf } from '@codistill/core';
import { testModel, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { cnn } from './cnn.ts';
import { mlp } from './mlp.ts';
import { mobilenet } from './mobilenet.ts';
import { resnet } from './resnet.ts';
import { variableOf } from './variable-of.ts';

testOn('cpu');

const STAGES = [
  { expansion: 1, channels: 2, units: 1, stride: 1 },
  { expansion: 2, channels: 3, units: 2, stride: 2 },
] as const;

const tiny = {
  mlp: mlp({ hidden: [8, 6], dropout: 0.4 }),
  cnn: cnn({ channels: [2, 4], dropout: 0.3 }),
  resnet: resnet({ depth: 8, width: 2 }),
  mobilenet: mobilenet({ stages: STAGES, stem: 2, features: 6, dropout: 0.2 }),
};

testModel(mlp({ hidden: [6] }), {
  sites: [
    { input: [5], classes: 2 },
    { input: [4, 4, 2], classes: 3 },
  ],
});
testModel(tiny.mlp);
testModel(tiny.cnn);
testModel(tiny.resnet);
// What a bottleneck adds to a channel, the next batch norm takes away: the shift of one without a shortcut has no effect.
testModel(tiny.mobilenet, { without: ['block1_unit1_bn3/beta', 'block2_unit1_bn3/beta', 'block2_unit2_bn3/beta'] });

const parametersOf = (model: Model, input: readonly number[], classes: number): number => {
  const network = model.build({ input, classes }, key(1));
  const count = Object.values(network.parameters).reduce((sum, { size }) => sum + size, 0);
  network.dispose();
  return count;
};

const shapesOf = (model: Model, input: readonly number[]): Readonly<Record<string, readonly number[]>> => {
  const network = model.build({ input, classes: 5 }, key(1));
  const shapes = tf.tidy(() => Object.fromEntries(Object.entries(network.read(tf.zeros([1, ...input]), model.emits, { training: false })).map(([signal, { shape }]) => [signal, shape])));
  network.dispose();
  return shapes;
};

describe('parameters, counted', () => {
  it('mlp', () => {
    expect(parametersOf(mlp({ hidden: [256, 64] }), [28, 28, 1], 10)).toBe(784 * 256 + 256 + (256 * 64 + 64) + (64 * 10 + 10));
  });

  it('cnn', () => {
    expect(parametersOf(cnn({ channels: [8, 16], kernelSize: 5 }), [28, 28, 1], 10)).toBe(25 * 8 + 16 + (25 * 8 * 16 + 32) + (16 * 10 + 10));
  });

  it.each([
    [8, 16, 10],
    [20, 16, 10],
    [14, 4, 100],
  ])('resnet of depth %i and width %i for %i classes', (depth, width, classes) => {
    const conv = (kernel: number, from: number, to: number): number => kernel ** 2 * from * to + 2 * to;
    const units = (depth - 2) / 6;
    const [w1, w2, w3] = [width, 2 * width, 4 * width];
    const first = (from: number, to: number): number => conv(3, from, to) + conv(3, to, to) + (from === to ? 0 : conv(1, from, to));
    const rest = (w: number): number => (units - 1) * 2 * conv(3, w, w);
    const expected = conv(3, 3, w1) + first(w1, w1) + rest(w1) + first(w1, w2) + rest(w2) + first(w2, w3) + rest(w3) + w3 * classes + classes;
    expect(parametersOf(resnet({ depth, width }), [32, 32, 3], classes)).toBe(expected);
  });

  it('resnet 20: the well-known 269,722 of option A, and the two projections', () => {
    expect(parametersOf(resnet({ depth: 20 }), [32, 32, 3], 10)).toBe(269_722 + (16 * 32 + 64) + (32 * 64 + 128));
  });

  it('mobilenet: the 3,504,872 of the published network', () => {
    expect(parametersOf(mobilenet(), [32, 32, 3], 1000)).toBe(3_504_872);
  });

  it('mobilenet of half width: the 1,968,680 of the published network', () => {
    expect(parametersOf(mobilenet({ width: 0.5 }), [32, 32, 3], 1000)).toBe(1_968_680);
  });
});

describe('taps', () => {
  it('of an mlp are its hidden layers', () => {
    expect(shapesOf(mlp({ hidden: [8, 6] }), [4, 4, 1])).toEqual({ logits: [1, 5], 'tap:hidden1': [1, 8], 'tap:hidden2': [1, 6], 'tap:pooled': [1, 6] });
  });

  it('of a cnn are its blocks', () => {
    expect(shapesOf(cnn({ channels: [2, 3, 4] }), [9, 8, 1])).toEqual({
      logits: [1, 5],
      'tap:block1': [1, 9, 8, 2],
      'tap:block2': [1, 5, 4, 3],
      'tap:block3': [1, 3, 2, 4],
      'tap:last': [1, 3, 2, 4],
      'tap:pooled': [1, 4],
    });
    expect(shapesOf(cnn({ channels: [2, 2, 2] }), [1, 1, 1])['tap:last']).toEqual([1, 1, 1, 2]);
  });

  it('of a resnet are its blocks', () => {
    expect(shapesOf(resnet({ depth: 8, width: 2 }), [16, 12, 3])).toEqual({
      logits: [1, 5],
      'tap:block1': [1, 16, 12, 2],
      'tap:block2': [1, 8, 6, 4],
      'tap:block3': [1, 4, 3, 8],
      'tap:last': [1, 4, 3, 8],
      'tap:pooled': [1, 8],
    });
  });

  it('of a mobilenet are its stages', () => {
    expect(shapesOf(tiny.mobilenet, [8, 8, 3])).toEqual({
      logits: [1, 5],
      'tap:block1': [1, 8, 8, 2],
      'tap:block2': [1, 4, 4, 3],
      'tap:last': [1, 4, 4, 6],
      'tap:pooled': [1, 6],
    });
    expect(mobilenet().emits).toContain('tap:block7');
  });

  it('are literal types', () => {
    type Emits<M> = M extends Model<infer Signals> ? Signals : never;
    const block: Emits<typeof tiny.cnn> = 'tap:block2';
    const hidden: Emits<typeof tiny.mlp> = 'tap:hidden2';
    const stage: Emits<typeof tiny.mobilenet> = 'tap:block2';
    const whole = mobilenet();
    const paper: Emits<typeof whole> = 'tap:block7';
    const lengths: readonly number[] = [4, 4];
    const open = mlp({ hidden: lengths });
    const any: Emits<typeof open> = 'tap:hidden9';
    // @ts-expect-error: there are two blocks
    const third: Emits<typeof tiny.cnn> = 'tap:block3';
    // @ts-expect-error: they count from one
    const zeroth: Emits<typeof tiny.mlp> = 'tap:hidden0';
    // @ts-expect-error: there are three blocks
    const fourth: Emits<typeof tiny.resnet> = 'tap:block4';
    // @ts-expect-error: there are seven stages
    const eighth: Emits<typeof whole> = 'tap:block8';
    expect(whole.emits).toEqual(expect.arrayContaining([stage, paper]));
    expect(open.emits).toEqual(['logits', 'tap:pooled', 'tap:hidden1', 'tap:hidden2']);
    expect([block, hidden, any, third, zeroth, fourth, eighth]).toHaveLength(7);
  });
});

describe('the gradient', () => {
  const site = { input: [6, 6, 2], classes: 3 };

  const loss = (logitsOf: (x: tf.Tensor) => tf.Tensor): tf.Scalar => {
    const logits = logitsOf(tf.tensor(normal(key(5), 4 * sizeOf(site.input)), [4, ...site.input]));
    return tf.sum(tf.mul(logits, tf.tensor(normal(key(6), logits.size), logits.shape)));
  };
  const lossOf = (network: Network<'logits'>): tf.Scalar =>
    loss((x) => network.read(x, ['logits'], { training: true, key: tf.tensor1d([1, 2], 'int32') }).logits);

  it.each([cnn({ channels: [2, 4] }), tiny.resnet, mobilenet({ stages: STAGES, stem: 2, features: 6 })] as readonly Model<'logits'>[])(
    'of a tiny network is that of tfjs’s own layers: %#',
    async (model) => {
      const network = model.build(site, key(3));
      const stock = await tf.models.modelFromJSON(JSON.parse(network.layers.toJSON() as string) as Parameters<typeof tf.models.modelFromJSON>[0]);
      stock.setWeights(network.layers.getWeights());
      const ours = tf.variableGrads(() => lossOf(network), Object.values(network.parameters));
      const theirs = tf.variableGrads(() => loss((x) => stock.apply(x, { training: true }) as tf.Tensor), stock.trainableWeights.map(variableOf));
      expect(stock.trainableWeights.map((weight) => weight.originalName)).toEqual(Object.keys(network.parameters));
      for (const weight of stock.trainableWeights) {
        const [own, other] = [ours.grads[network.parameters[weight.originalName]?.name ?? ''], theirs.grads[weight.name]] as [tf.Tensor, tf.Tensor];
        const [gap = NaN, size = NaN] = [tf.norm(tf.sub(own, other)), tf.norm(other)].map((norm) => norm.dataSync()[0]);
        expect(gap).toBeLessThan(1e-5 * size + 1e-6);
      }
      for (const [name, buffer] of Object.entries(network.buffers)) {
        const other = stock.weights.find((weight) => weight.originalName === name)?.read() as tf.Tensor;
        expect(tf.max(tf.abs(tf.sub(buffer, other))).dataSync()[0]).toBeLessThan(1e-5);
      }
      network.dispose();
      stock.dispose();
    },
  );

  /** The loss with the parameters moved by `step` along `directions`. */
  const lossAt = (network: Network<'logits'>, directions: readonly tf.Tensor[], step: number): number =>
    tf.tidy(() => {
      const variables = Object.values(network.parameters);
      const held = variables.map((variable) => variable.clone());
      variables.forEach((variable, index) => variable.assign(tf.add(variable, tf.mul(directions[index] as tf.Tensor, step))));
      const [value = NaN] = lossOf(network).dataSync();
      variables.forEach((variable, index) => variable.assign(held[index] as tf.Tensor));
      return value;
    });

  it.each(Object.entries(tiny))('of a tiny %s, with its dropout, equals differences in three directions', (_, model) => {
    const network = (model as Model<'logits'>).build(site, key(3));
    const variables = Object.values(network.parameters);
    const { grads } = tf.variableGrads(() => lossOf(network), variables);
    for (const seed of [1, 2, 3]) {
      const directions = variables.map(({ shape, size }, index) => tf.tensor(normal([seed, index], size), shape));
      const slope = directions.reduce((sum, direction, index) => sum + (tf.sum(tf.mul(grads[variables[index]?.name ?? ''] as tf.Tensor, direction)).dataSync()[0] ?? NaN), 0);
      // So short a step that few rectifiers switch within it, and float32 still leaves two digits.
      const width = 3e-5;
      const difference = (lossAt(network, directions, width) - lossAt(network, directions, -width)) / (2 * width);
      expect(Math.abs(difference - slope)).toBeLessThan(0.02 * Math.max(1, Math.abs(slope)));
    }
    network.dispose();
  });

  beforeEach(() => {
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
  });
});

describe('recipes', () => {
  it('begin with kernels of the variance their names promise, and classifiers in bounds', () => {
    const network = resnet({ depth: 8, width: 16 }).build({ input: [32, 32, 3], classes: 10 }, key(1));
    const variance = (name: string): number => tf.tidy(() => tf.mean(tf.square(network.parameters[name] as tf.Tensor)).dataSync()[0] ?? NaN);
    expect(variance('block3_unit1_conv2/kernel') / (2 / (9 * 64))).toBeCloseTo(1, 1);
    expect(variance('logits/kernel') / (2 / (64 + 10))).toBeCloseTo(1, 0);
    const limit = Math.sqrt(6 / 74);
    expect([...(network.parameters['logits/kernel']?.dataSync() ?? [])].every((w) => Math.abs(w) <= limit)).toBe(true);
    network.dispose();
    const mobile = tiny.mobilenet.build({ input: [8, 8, 3], classes: 2 }, key(1));
    // A depthwise kernel sums its area only.
    const depthwise = mobile.parameters['block2_unit2_conv2/depthwise_kernel'] as tf.Tensor;
    expect(depthwise.shape).toEqual([3, 3, 6, 1]);
    expect(tf.tidy(() => tf.mean(tf.square(depthwise)).dataSync()[0] ?? NaN) / (2 / 9)).toBeGreaterThan(0.4);
    mobile.dispose();
  });

  it('describe themselves', () => {
    expect(describePart(resnet({ depth: 8 }))).toEqual({ package: '@codistill/models', name: 'resnet', options: { depth: 8, width: 16 } });
    expect(describePart(mobilenet({ width: 0.5 })).options).toEqual({ width: 0.5, stem: 32, features: 1280, dropout: 0 });
    expect(describePart(tiny.mobilenet).options['stages']).toEqual(STAGES);
  });

  it.each([
    [() => resnet({ depth: 9 }), 'resnet: depth must be 6n + 2 (8, 14, 20, 26, 32, 44, 56, 110, ...), not 9.'],
    [() => resnet({ depth: 8, width: 0 }), 'resnet: width must be an integer of at least 1, not 0.'],
    [() => mlp({ hidden: [] }), 'mlp: the number of hidden layers must be an integer of at least 1, not 0.'],
    [() => mlp({ hidden: [1.5] }), 'mlp: hidden must be an integer of at least 1, not 1.5.'],
    [() => mlp({ hidden: [4], dropout: 1 }), 'mlp: dropout must be a number from 0 to below 1, not 1.'],
    [() => cnn({ channels: [-1] }), 'cnn: channels must be an integer of at least 1, not -1.'],
    [() => mobilenet({ width: NaN }), 'mobilenet: width must be a number above 0, not NaN.'],
    [() => mobilenet({ stages: [{ expansion: 0, channels: 1, units: 1, stride: 1 }] }), 'mobilenet: stages: expansion must be an integer of at least 1, not 0.'],
  ])('refuse what makes no sense: %#', (make, sentence) => {
    expect(make).toThrow(new CodistillError('OPTION_INVALID', sentence));
  });

  it.each([tiny.cnn, tiny.resnet, tiny.mobilenet] as readonly Model[])('of images refuse vectors: %#', (model) => {
    expect(() => model.build({ input: [4], classes: 2 }, key(1))).toThrow(
      new CodistillError('INPUT_NOT_IMAGE', `${model.name} takes images, [height, width, channels], but an example of the data has shape [4]: use mlp(...), or deliver images`),
    );
  });
});

import { CodistillError, describe as describePart, key, type Model } from '@codistill/core';
import { testModel, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { cnn } from './cnn.ts';
import { mlp } from './mlp.ts';
import { mobilenet } from './mobilenet.ts';
import { resnet } from './resnet.ts';

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

const shapesOf = (model: Model, input: readonly number[]): Readonly<Record<string, readonly number[]>> => {
  const network = model.build({ input, classes: 5 }, key(1));
  const shapes = tf.tidy(() => Object.fromEntries(Object.entries(network.read(tf.zeros([1, ...input]), model.emits, { training: false })).map(([signal, { shape }]) => [signal, shape])));
  network.dispose();
  return shapes;
};

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
    expect(shapesOf(cnn({ channels: [2, 3], stride: 2 }), [9, 8, 1])).toMatchObject({ 'tap:block1': [1, 5, 4, 2], 'tap:block2': [1, 3, 2, 3] });
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

import { key, type Model, type Network, normal, sizeOf } from '@codistill/core';
import { testOn } from '@codistill/testkit';
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

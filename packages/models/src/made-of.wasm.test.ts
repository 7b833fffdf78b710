import { chooseBackend } from '@codistill/backend';
import { key, type Model, normal } from '@codistill/core';
import { modelLaws, testLaws, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { branches } from './branches.ts';
import { cnn } from './cnn.ts';
import { disposeLayers } from './dispose-layers.ts';
import { fused } from './fused.ts';
import { lowBit } from './low-bit.ts';
import { projected } from './projected.ts';
import { toIntegers } from './to-integers.ts';

beforeAll(async () => {
  await chooseBackend({ prefer: 'wasm', threads: 1 });
});
testOn('wasm');

const site = { input: [8, 8, 3], classes: 3 };
const plain = cnn({ channels: [2, 3, 4] });
const activations = { clip: 'learnt', at: 0.3 } as const;

/** With the parameters on which the logits rightly do not depend, and how far two backends may differ: a rounding may fall on either side. */
const made: readonly (readonly [name: string, model: Model, without: readonly string[], gap: number])[] = [
  ['branches', branches(plain, { names: ['a', 'b'], from: 'block2', views: true }), ['conv1/kernel', 'bn1/gamma', 'bn1/beta'].map((role) => `b_block3_${role}`).concat('b_logits/kernel', 'b_logits/bias'), 1e-5],
  ['projected', projected(plain, { from: 'last', to: { channels: 4 } }), [1, 2, 3].flatMap((n) => [`projected_conv${n}/kernel`, `projected_bn${n}/gamma`, `projected_bn${n}/beta`]), 1e-5],
  ['fused', fused({ a: plain, b: plain }, { at: ['block1', 'block3'] }), [], 1e-5],
  ['lowBit', lowBit(plain, { bits: 8, activations }), [], 0.02],
  ['fused lowBit', fused({ a: lowBit(plain, { bits: 6, activations }), b: lowBit(plain, { bits: 8, activations }) }, { at: ['block1', 'block2'] }), [], 0.05],
];

for (const [name, model, without] of made) {
  testLaws(
    `laws of ${name} on wasm`,
    // Of few bits, float weights are what is saved.
    modelLaws(model, { sites: [site], without }).filter((law) => !name.includes('lowBit') || !law.name.startsWith('saves as')),
  );
}

describe('on wasm', () => {
  it.each(made)('%s computes the logits and the gradient that cpu does', async (_, model, __, most) => {
    const on = async (backend: string): Promise<number[]> => {
      await chooseBackend({ prefer: backend });
      await tf.setBackend(backend);
      const network = (model as Model<'logits'>).build(site, key(1));
      const values = tf.tidy(() => {
        const x = tf.tensor(normal(key(2), 3 * 192), [3, 8, 8, 3]);
        const variables = Object.values(network.parameters);
        const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(network.read(x, ['logits'], { training: true, key: tf.tensor1d([5, 6], 'int32') }).logits)), variables);
        // Where nothing depends on a parameter there is no gradient.
        return [value, ...variables.flatMap(({ name }) => (grads as Readonly<Record<string, tf.Tensor | null>>)[name] ?? [])].flatMap((tensor) => [...tensor.dataSync()]);
      });
      network.dispose();
      return values;
    };
    const [expected, actual] = [await on('cpu'), await on('wasm')];
    expect(Math.hypot(...expected)).toBeGreaterThan(0);
    expect(Math.hypot(...expected.map((value, index) => value - (actual[index] ?? NaN))) / Math.hypot(...expected)).toBeLessThan(most);
  });

  it('the integers make the logits too', async () => {
    const network = lowBit(plain, { bits: 4 }).build(site, key(1));
    const { layers } = await toIntegers(network);
    tf.tidy(() => {
      const x = tf.tensor(normal(key(2), 2 * 192), [2, 8, 8, 3]);
      const [expected, actual] = [network.read(x, ['logits'], { training: false }).logits, layers.predict(x) as tf.Tensor];
      expect(tf.max(tf.abs(tf.sub(expected, actual))).dataSync()[0]).toBeLessThan(1e-4);
    });
    disposeLayers(layers);
    network.dispose();
  });
});

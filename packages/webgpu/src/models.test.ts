import { chooseBackend, cpu } from '@codistill/backend';
import { type Model, fold, key, normal, sizeOf } from '@codistill/core';
import { cnn, mlp, mobilenet, resnet } from '@codistill/models';
import * as tf from '@tensorflow/tfjs';
import { describeOnWebgpu } from './describe-on-webgpu.ts';
import { webgpu } from './webgpu.ts';

const EXAMPLES = 4;
const SITE = { input: [8, 8, 3], classes: 3 };

type Values = Readonly<Record<string, Float32Array>>;

/** Logits, the gradients of a cross-entropy, and the moving averages after it, of a training pass that drops. */
const passOf = async (backend: string, model: Model): Promise<Values> => {
  await chooseBackend({ prefer: backend, candidates: [webgpu({ software: true }), cpu()] });
  const began = tf.memory().numTensors;
  const network = model.build(SITE, key(5));
  const results = tf.tidy(() => {
    const input = tf.tensor(normal(fold(key(6), 'input'), EXAMPLES * sizeOf(SITE.input)), [EXAMPLES, ...SITE.input]);
    const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 1], 'int32'), SITE.classes);
    const words = tf.tensor1d([3, -4], 'int32');
    let logits = tf.zeros([0]);
    const { grads } = tf.variableGrads(() => {
      logits = tf.keep(network.read(input, ['logits'], { training: true, key: words }).logits);
      return tf.losses.softmaxCrossEntropy(labels, logits).asScalar();
    }, Object.values(network.parameters));
    return { logits, gradients: Object.fromEntries(Object.entries(network.parameters).map(([name, { name: own }]) => [name, grads[own] as tf.Tensor])) };
  });
  const all = { logits: results.logits, ...results.gradients, ...network.buffers };
  const values = Object.fromEntries(await Promise.all(Object.entries(all).map(async ([name, tensor]) => [name, Float32Array.from(await tensor.data())] as const)));
  tf.dispose(results);
  network.dispose();
  expect(tf.memory().numTensors).toBe(began);
  return values;
};

await describeOnWebgpu('networks on webgpu: logits, gradients and moving averages equal those on cpu', () => {
  it.each<readonly [string, Model]>([
    ['mlp', mlp({ hidden: [16], dropout: 0.3 })],
    ['cnn', cnn({ channels: [4, 6], dropout: 0.2 })],
    ['resnet', resnet({ depth: 8, width: 4 })],
    ['mobilenet', mobilenet({ stages: [{ expansion: 1, channels: 8, units: 1, stride: 1 }, { expansion: 4, channels: 16, units: 2, stride: 2 }], stem: 8, features: 32 })],
  ])('%s', async (_, model) => {
    const expected = await passOf('cpu', model);
    const actual = await passOf('webgpu', model);
    const names = Object.keys(expected);
    const norm = (values: Values, minus?: Values): readonly number[] =>
      names.map((name) => Math.hypot(...(values[name] ?? []).map((value, at) => value - (minus?.[name]?.[at] ?? 0))));
    // What is 0 but for rounding, such as the gradient of a bias before batch norm, is measured by the largest of all.
    const scales = norm(expected);
    const floor = 1e-3 * Math.max(...scales);
    norm(actual, expected).forEach((gap, at) => expect([names[at], gap / Math.max(scales[at] ?? 0, floor) <= 1e-5]).toEqual([names[at], true]));
    expect(Object.keys(actual)).toEqual(names);
  });
});

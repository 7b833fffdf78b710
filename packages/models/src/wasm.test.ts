import { chooseBackend } from '@codistill/backend';
import { KEYED_UNIFORM, key, type Model, normal } from '@codistill/core';
import { testModel, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { cnn } from './cnn.ts';
import { mlp } from './mlp.ts';
import { mobilenet } from './mobilenet.ts';
import { resnet } from './resnet.ts';

beforeAll(async () => {
  await chooseBackend({ prefer: 'wasm', threads: 1 });
});
testOn('wasm');

const tiny = [
  mlp({ hidden: [8, 6], dropout: 0.4 }),
  cnn({ channels: [2, 4], dropout: 0.3 }),
  resnet({ depth: 8, width: 2 }),
  mobilenet({ stages: [{ expansion: 2, channels: 3, units: 2, stride: 2 }], stem: 2, features: 6, dropout: 0.2 }),
] as const;

for (const model of tiny) testModel(model, model.name === 'mobilenet' ? { without: ['block1_unit1_bn3/beta', 'block1_unit2_bn3/beta'] } : {});

describe('on wasm', () => {
  it.each(tiny.map((model) => [model.name, model] as const))('%s computes the logits and the gradient that cpu does, dropout masks included', async (_, model) => {
    await chooseBackend({ prefer: 'cpu' });
    const on = async (backend: string): Promise<readonly Float32Array[]> => {
      await tf.setBackend(backend);
      expect(tf.getKernel(KEYED_UNIFORM, backend)).toBeDefined();
      const network = (model as Model<'logits'>).build({ input: [8, 8, 3], classes: 3 }, key(1));
      const results = tf.tidy(() => {
        const x = tf.tensor(normal(key(2), 3 * 192), [3, 8, 8, 3]);
        const draws = tf.tensor1d([5, 6], 'int32');
        const parameters = Object.values(network.parameters);
        const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(network.read(x, ['logits'], { training: true, key: draws }).logits)), parameters);
        return [value, ...parameters.map(({ name }) => grads[name] as tf.Tensor)];
      });
      const values = await Promise.all(results.map(async (result) => Float32Array.from(await result.data())));
      tf.dispose(results);
      network.dispose();
      return values;
    };
    const [expected, actual] = [await on('cpu'), await on('wasm')];
    const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));
    const whole = norm(expected.flatMap((values) => [...values]));
    expected.forEach((values, index) => {
      // Relative to the parameter's gradient, or to all of it where a parameter's is zero but for rounding.
      const gap = norm(values.map((value, at) => value - (actual[index]?.[at] ?? NaN)));
      expect(gap).toBeLessThan(1e-5 * Math.max(norm(values), 0.1 * whole));
    });
  });
});

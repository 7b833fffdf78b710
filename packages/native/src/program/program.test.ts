import { type Feed, detach } from '@codistill/core';
import { describeOnNative } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { loadAddon } from '../session/load-addon.ts';
import { loadTfjsNode } from '../session/load-tfjs-node.ts';
import { nativeBackend } from '../trace/native-backend.ts';
import { NativeProgram, type NativeProgramOptions } from './program.ts';

const open = (options: NativeProgramOptions = {}): NativeProgram => {
  const backend = nativeBackend();
  if (backend === undefined) throw new Error('these tests run on native TensorFlow');
  return new NativeProgram(backend, options);
};

const floats = (shape: readonly number[], fill = 1): Feed => ({ dtype: 'float32', shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(fill) });

describeOnNative('a program', [loadTfjsNode, loadAddon], () => {
  it('puts the forward and the backward of a network where its variables are, and only what is small crosses', async () => {
    const weights = ['a', 'b'].map((name) => tf.tidy(() => tf.variable(tf.fill([64, 32], 0.1), true, name)));
    const program = open({ devices: ['/CPU:0', '/CPU:1'], deviceOf: ({ name }) => (name === 'b' ? '/CPU:1' : '/CPU:0') });
    const step = program.compile(({ x }, { lr }) => {
      const [a, b] = weights as [tf.Variable<tf.Rank.R2>, tf.Variable<tf.Rank.R2>];
      const { value, grads } = tf.variableGrads(() => {
        const [fromA, fromB] = [tf.matMul(x as tf.Tensor2D, a), tf.matMul(x as tf.Tensor2D, b)];
        return tf.add(tf.sub(fromA, 1).square().mean(), tf.sub(fromB, detach(fromA)).square().mean());
      }, weights);
      for (const w of weights) w.assign(tf.sub(w, tf.mul(grads[w.name] as tf.Tensor, lr as tf.Scalar)));
      return { loss: value };
    });
    const x = floats([16, 64]);
    const { loss } = await step.run({ x }, { lr: 0.01 });
    expect(loss?.values[0]).toBeGreaterThan(0);
    const kernels = await step.profile({ x }, { lr: 0.01 });
    const products = kernels.filter(({ node }) => node.endsWith('MatMulV2')).map(({ device }) => device.slice(device.indexOf('CPU')));
    // Each network's own: the product, and the gradient of its weights.
    expect(products.sort()).toEqual(['CPU:0', 'CPU:0', 'CPU:1', 'CPU:1']);
    const writes = kernels.filter(({ node }) => /v\d+\/write$/.test(node)).map(({ device }) => device.slice(device.indexOf('CPU')));
    expect(writes.sort()).toEqual(['CPU:0', 'CPU:1']);
    await program.close();
    tf.dispose(weights);
  });

  it('fetches nothing when nobody reads', async () => {
    const w = tf.tidy(() => tf.variable(tf.zeros([2])));
    const program = open();
    const step = program.compile(({ x }) => {
      w.assign(tf.add(w, x as tf.Tensor));
      return { w: tf.mul(w, 1) };
    });
    expect(await step.run({ x: floats([2]) }, {}, { quiet: true })).toEqual({});
    expect([...((await step.run({ x: floats([2]) }, {}))['w']?.values ?? [])]).toEqual([2, 2]);
    await program.close();
    w.dispose();
  });

  it('refuses a feed of another size than it says', async () => {
    const program = open();
    const step = program.compile(({ x }) => ({ y: tf.neg(x as tf.Tensor) }));
    await expect(async () => step.run({ x: { ...floats([2]), shape: [3] } }, {})).rejects.toThrow("input 'x' has 2 values but its shape is [3]");
    await program.close();
  });

  it('hands integers and booleans in and out', async () => {
    const program = open();
    const step = program.compile(({ n, flag }) => ({ n: tf.add(n as tf.Tensor, tf.scalar(1, 'int32')), not: tf.logicalNot(flag as tf.Tensor) }));
    const outputs = await step.run({ n: { dtype: 'int32', shape: [2], values: Int32Array.of(1, -7) }, flag: { dtype: 'bool', shape: [2], values: Uint8Array.of(0, 1) } }, {});
    expect(outputs['n']).toMatchObject({ dtype: 'int32', shape: [2] });
    expect([...(outputs['n']?.values ?? [])]).toEqual([2, -6]);
    expect([...(outputs['not']?.values ?? [])]).toEqual([1, 0]);
    await program.close();
  });
});

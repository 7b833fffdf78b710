import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodistillError, key, type Model, type Network, normal } from '@codistill/core';
import { testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { branches } from './branches.ts';
import { cnn } from './cnn.ts';
import { disposeLayers } from './dispose-layers.ts';
import { lowBit, type LowBitOptions } from './low-bit.ts';
import { mlp } from './mlp.ts';
import { mobilenet } from './mobilenet.ts';
import { readWeights } from './read-weights.ts';
import { resnet } from './resnet.ts';
import { toIntegers } from './to-integers.ts';
import { packed, unpacked, writeIntegers } from './write-integers.ts';

testOn('cpu');

const site = { input: [8, 8, 3], classes: 3 };
const image = (): tf.Tensor => tf.tensor(normal(key(2), 4 * 192), [4, 8, 8, 3]);
const valuesOf = (tensor: tf.Tensor | undefined): number[] => [...(tensor?.dataSync() ?? [])];
const logitsOf = (network: Network<'logits'>): number[] => tf.tidy(() => valuesOf(network.read(image(), ['logits'], { training: false }).logits));
const predicted = (layers: tf.LayersModel): number[] => tf.tidy(() => valuesOf([layers.predict(image())].flat()[0]));

const networks: readonly (readonly [Model, LowBitOptions])[] = [
  [resnet({ depth: 8, width: 2 }), { bits: 2 }],
  [resnet({ depth: 8, width: 2 }), { bits: 4, weights: 'tensor', activations: { clip: 'fixed', at: 4 } }],
  [resnet({ depth: 8, width: 2 }), { bits: 8, activations: 'float' }],
  [mlp({ hidden: [8, 7, 6] }), { bits: 3 }],
  [cnn({ channels: [2, 3, 4] }), { bits: 5 }],
  [mobilenet({ stages: [{ expansion: 2, channels: 3, units: 2, stride: 2 }], stem: 2, features: 6 }), { bits: 8 }],
];

describe('toIntegers', () => {
  it.each(networks.map(([model, options]) => [model.name, options.bits, model, options] as const))(
    'of a %s of %i bits: integers of that width, from which stock layers make the same logits',
    async (_, bits, model, options) => {
      const network = lowBit(model as Model<'logits'>, options).build(site, key(1));
      const { kernels, bytes, layers } = await toIntegers(network);
      const limit = 2 ** (bits - 1) - 1;
      let saved = 0;
      for (const { integers, scales, shape, scaleShape } of Object.values(kernels)) {
        expect(integers).toBeInstanceOf(Int8Array);
        expect(Math.max(...integers.map(Math.abs))).toBeLessThanOrEqual(limit);
        expect(integers).toHaveLength(shape.reduce((a, b) => a * b));
        expect(scales).toHaveLength(scaleShape.reduce((a, b) => a * b));
        saved += 4 * integers.length - Math.ceil((integers.length * bits) / 8) - 4 * scales.length;
      }
      expect(Object.keys(kernels).some((name) => /^(stem|logits|hidden1|block1_conv1)/.test(name))).toBe(false);
      expect(bytes.float - bytes.packed).toBe(saved);

      const [expected, actual] = [logitsOf(network), predicted(layers)];
      const size = Math.hypot(...expected);
      expect(size).toBeGreaterThan(0);
      expect(Math.hypot(...expected.map((logit, index) => logit - (actual[index] ?? NaN))) / size).toBeLessThan(1e-5);
      disposeLayers(layers);
      network.dispose();
    },
  );

  it('gives kernels that are their integers times their scales', async () => {
    const network = lowBit(resnet({ depth: 8, width: 2 }), { bits: 2 }).build(site, key(1));
    const { kernels, layers } = await toIntegers(network);
    tf.tidy(() => {
      for (const [name, { integers, shape, scales, scaleShape }] of Object.entries(kernels)) {
        const product = tf.mul(tf.tensor(Float32Array.from(integers), [...shape]), tf.tensor(scales, [...scaleShape]));
        expect(valuesOf(layers.weights.find((weight) => weight.originalName === name)?.read())).toEqual(valuesOf(product));
        expect(new Set(integers).size).toBeGreaterThan(1);
      }
    });
    disposeLayers(layers);
    network.dispose();
  });

  it('knows what was rounded in models made of others', async () => {
    const network = branches(lowBit(resnet({ depth: 8, width: 2 }), { bits: 4 }), { names: ['a', 'b'], from: 'block1' }).build(site, key(1));
    const { kernels, layers } = await toIntegers(network);
    expect(Object.keys(kernels)).toEqual(expect.arrayContaining(['block1_unit1_conv1/kernel', 'b_block3_unit1_conv2/kernel']));
    const [expected, actual] = [logitsOf(network), predicted(layers)];
    expect(Math.hypot(...expected.map((logit, index) => logit - (actual[index] ?? NaN))) / Math.hypot(...expected)).toBeLessThan(1e-5);
    disposeLayers(layers);
    network.dispose();
  });

  it('refuses a network of floats', async () => {
    const network = resnet({ depth: 8, width: 2 }).build(site, key(1));
    await expect(toIntegers(network)).rejects.toThrow(new CodistillError('NOT_LOW_BIT', 'toIntegers is given a network whose layers are all float: build it with lowBit(model, { bits })'));
    network.dispose();
  });
});

describe('writeIntegers', () => {
  it('writes a model that plain tfjs loads, and integers at their width', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'codistill-integers-'));
    const network = lowBit(resnet({ depth: 8, width: 2 }), { bits: 3 }).build(site, key(1));
    const whole = await toIntegers(network);
    await writeIntegers(whole, folder);

    const topology = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as { modelTopology: object };
    const loaded = await tf.models.modelFromJSON(topology.modelTopology as Parameters<typeof tf.models.modelFromJSON>[0]);
    const weights = await readWeights(folder);
    tf.tidy(() => {
      loaded.loadWeights(Object.fromEntries(Object.entries(weights).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])])));
    });
    expect(predicted(loaded)).toEqual(predicted(whole.layers));

    const { kernels } = JSON.parse(readFileSync(join(folder, 'integers.json'), 'utf8')) as { kernels: Record<string, { offset: number; bits: number; shape: number[] }> };
    const bytes = readFileSync(join(folder, 'integers.bin'));
    for (const [name, { offset, bits, shape }] of Object.entries(kernels)) {
      expect(unpacked(bytes.subarray(offset), bits, shape.reduce((a, b) => a * b))).toEqual(whole.kernels[name]?.integers);
    }
    expect(bytes).toHaveLength(Object.values(whole.kernels).reduce((sum, { integers }) => sum + Math.ceil((3 * integers.length) / 8), 0));
    rmSync(folder, { recursive: true });
    disposeLayers(loaded);
    disposeLayers(whole.layers);
    network.dispose();
  });

  it('packs and unpacks every width', () => {
    expect(packed(Int8Array.of(1, -1, 0, 1), 2)).toEqual(Uint8Array.of(0b01_00_11_01));
    for (const bits of [2, 3, 4, 5, 6, 7, 8]) {
      const limit = 2 ** (bits - 1) - 1;
      const integers = Int8Array.from({ length: 37 }, (_, index) => ((index * 29) % (2 * limit + 1)) - limit);
      expect(unpacked(packed(integers, bits), bits, 37)).toEqual(integers);
    }
  });
});

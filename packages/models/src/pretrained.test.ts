import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodistillError, describe as describePart, key, type Network, normal } from '@codistill/core';
import { testModel, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { cnn } from './cnn.ts';
import { pretrained } from './pretrained.ts';
import { readWeights } from './read-weights.ts';
import { checksum, type Weights } from './weights.ts';

testOn('cpu');

const site = { input: [8, 8, 3], classes: 3 };
const plain = cnn({ channels: [2, 4] });

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'codistill-weights-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Writes a model as plain tfjs reads it, in as many files as wanted. */
const save = async (network: Network, directory: string, shards = 1): Promise<void> => {
  mkdirSync(directory, { recursive: true });
  await network.layers.save(
    tf.io.withSaveHandler((artifacts) => {
      const data = new Uint8Array(tf.io.CompositeArrayBuffer.join(artifacts.weightData));
      const length = Math.ceil(data.length / shards);
      const paths = Array.from({ length: shards }, (_, shard) => `part${shard}.bin`);
      paths.forEach((path, shard) => {
        writeFileSync(join(directory, path), data.subarray(shard * length, (shard + 1) * length));
      });
      writeFileSync(join(directory, 'model.json'), JSON.stringify({ modelTopology: artifacts.modelTopology, weightsManifest: [{ paths, weights: artifacts.weightSpecs }] }));
      return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) });
    }),
  );
};

const some = (): Weights => {
  const network = plain.build(site, key(9));
  const weights = Object.fromEntries(
    Object.entries({ ...network.parameters, ...network.buffers }).map(([name, { shape, size }], index) => [name, { shape, values: normal(key(index), size).map(Math.abs) }]),
  );
  network.dispose();
  return weights;
};

/** The weights decide the shapes. */
const late = (): ReturnType<typeof pretrained<'logits'>> => ({ ...pretrained(plain, {}), emits: ['logits'], build: (at, seed) => pretrained(plain, some()).build(at, seed) });
testModel(late(), { sites: [site], keyed: false });

describe('pretrained', () => {
  it('begins with what was saved, in one file or several, whatever the key', async () => {
    for (const shards of [1, 3]) {
      const trained = plain.build(site, key(1));
      const x = tf.tensor(normal(key(2), 192), [1, 8, 8, 3]);
      // A training pass, so that the moving averages are worth keeping.
      tf.dispose(tf.tidy(() => trained.read(x, ['logits'], { training: true, key: tf.tensor1d([1, 2], 'int32') })));
      await save(trained, join(folder, `of-${shards}`), shards);
      const weights = await readWeights(join(folder, `of-${shards}`));
      const again = pretrained(plain, weights).build(site, key(7));
      const logitsOf = (network: Network<'logits'>): number[] => tf.tidy(() => [...network.read(x, ['logits'], { training: false }).logits.dataSync()]);
      expect(logitsOf(again)).toEqual(logitsOf(trained));
      x.dispose();
      again.dispose();
      trained.dispose();
    }
  });

  it('is told apart by its weights', () => {
    const weights = { b: { shape: [2], values: Float32Array.of(1, 2) }, a: { shape: [1], values: Float32Array.of(3) } };
    const { a, b } = weights;
    expect(checksum({ a, b })).toBe(checksum(weights));
    expect(checksum(weights)).toMatch(/^[0-9a-f]{16}$/);
    const others: readonly Weights[] = [
      { ...weights, b: { shape: [2], values: Float32Array.of(1, 2.0000002) } },
      { ...weights, b: { shape: [2], values: Float32Array.of(2, 1) } },
      { ...weights, b: { shape: [1, 2], values: b.values } },
      { ...weights, a: { shape: [1], values: Float32Array.of(-3) } },
      { a, c: b },
    ];
    expect(new Set([weights, ...others].map(checksum)).size).toBe(6);
    expect(describePart(pretrained(plain, weights))).toEqual({
      package: '@codistill/models',
      name: 'pretrained',
      options: { of: describePart(plain), weights: checksum(weights) },
    });
    expect(pretrained(plain, weights, { normalisation: { mean: [1], std: [2] } }).normalisation).toEqual({ mean: [1], std: [2] });
    expect(pretrained(plain, weights).emits).toBe(plain.emits);
  });

  it('refuses weights of other names and shapes, with all that differs, and leaves nothing behind', () => {
    const { 'logits/bias': _, ...rest } = some();
    const before = tf.memory().numTensors;
    expect(() => pretrained(plain, { ...rest, extra: { shape: [1], values: new Float32Array(1) } }).build({ input: [8, 8, 1], classes: 3 }, key(1))).toThrow(
      new CodistillError(
        'WEIGHTS_DIFFER',
        "the weights are not those of model 'cnn': 'block1_conv1/kernel' is [3, 3, 3, 2] instead of [3, 3, 1, 2], 'logits/bias' is missing, 'extra' is not the model's; " +
          'give it the depth, width, input and classes it was trained with',
      ),
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a folder without weights', async () => {
    await expect(readWeights(join(folder, 'nowhere'))).rejects.toThrow(/^no weights can be read in '.*nowhere' \(ENOENT.*\): give a folder with model\.json and the files it names/);
    writeFileSync(join(folder, 'model.json'), '{}');
    await expect(readWeights(folder)).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE' });
  });
});

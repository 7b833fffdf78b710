import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adopt, createPipeline, crossEntropy, key, meanProbabilities, sgd, trainer } from './index.ts';
import { blobs } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';

const data = blobs({ classes: 3, input: [4], batch: 6 });

let directory: string;
beforeAll(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
  directory = mkdtempSync(join(tmpdir(), 'codistill-export-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** As plain tfjs reads a folder. */
const load = (folder: string): Promise<tf.LayersModel> => {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as {
    readonly modelTopology: object;
    readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
  };
  const weightData = Uint8Array.from(readFileSync(join(folder, 'weights.bin'))).buffer;
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest.flatMap(({ weights }) => weights), weightData }));
};

/** A model within a model; every name in it is the same each time. */
const nested = (width: number, frozen: boolean): tf.LayersModel => {
  const body = tf.sequential({
    name: 'body',
    layers: [tf.layers.dense({ units: width, inputShape: [4], activation: 'tanh', name: 'deep' }), tf.layers.batchNormalization({ name: 'norm' })],
  });
  const inner = tf.input({ shape: [width], name: 'start' });
  const middle = tf.model({ inputs: inner, outputs: tf.layers.dense({ units: width, name: 'deeper' }).apply(inner) as tf.SymbolicTensor, name: 'middle' });
  body.trainable = !frozen;
  const input = tf.input({ shape: [4], name: 'start' });
  const features = middle.apply(body.apply(input)) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: tf.layers.dense({ units: 3, name: 'head' }).apply(features) as tf.SymbolicTensor, name: 'mine' });
};

it('an ensemble of adopted models that hold models with the same names is one model of plain tfjs', async () => {
  const run = await createPipeline(trainer({ backend: 'cpu' }))(data)
    .students({ a: adopt(nested(5, true)), b: adopt(nested(6, false)), c: adopt(nested(5, false)) })
    .supervise(crossEntropy())
    .optimize(sgd({ lr: 0.1 }))
    .ensemble(meanProbabilities())
    .build();
  await run.fit({ epochs: 2 });
  const { ensemble } = await run.export(directory);
  const [batch] = await data.train.at(0, key(1), [undefined]);
  if (batch === undefined || ensemble === undefined) throw new Error('there is nothing to compare');
  const expected = await run.predict(batch, 'ensemble');

  const model = await load(ensemble);
  const got = tf.tidy(() => (model.predict(tf.tensor(batch.input.values, [...batch.input.shape])) as tf.Tensor).dataSync());
  got.forEach((probability, index) => {
    expect(probability).toBeCloseTo(expected[index] ?? NaN, 6);
  });
  run.dispose();
});

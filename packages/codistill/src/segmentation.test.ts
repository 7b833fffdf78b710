/**
 * The core knows no task: here is segmentation, put together by a user from public parts alone. Label kind `mask`, per-pixel
 * cross-entropy, pixel-wise distillation, mutual learning, an ensemble and a metric.
 */
import {
  type Batch,
  type Data,
  type Loader,
  adam,
  createPipeline,
  defineMetric,
  defineModel,
  defineTask,
  defineTerm,
  fold,
  meanProbabilities,
  network,
  normal,
  trainer,
  uniform,
} from './index.ts';
import * as tf from '@tensorflow/tfjs';

const backend = process.env['CODISTILL_TEST_BACKEND'] ?? 'cpu';

const SIZE = 8;

/** A bright square on noise, and where it is. */
const squares = (batches: number): Loader => ({
  examples: batches * 4,
  batchSize: 4,
  batches,
  at: (position, orderKey, views) => {
    const batch: Batch = {
      ids: Int32Array.from({ length: 4 }, (_, row) => (position % batches) * 4 + row),
      input: { shape: [4, SIZE, SIZE, 1], values: normal(fold(orderKey, 'noise', position), 4 * SIZE * SIZE).map((z) => 0.5 * z) },
      labels: { mask: { shape: [4, SIZE, SIZE, 2], values: new Float32Array(4 * SIZE * SIZE * 2) } },
    };
    const corners = uniform(fold(orderKey, 'corner', position), 8);
    for (let pixel = 0; pixel < 4 * SIZE * SIZE; pixel++) {
      const row = Math.floor(pixel / SIZE / SIZE);
      const [y, x] = [Math.floor(pixel / SIZE) % SIZE, pixel % SIZE];
      const [top, left] = [Math.floor((corners[2 * row] ?? 0) * 5), Math.floor((corners[2 * row + 1] ?? 0) * 5)];
      const inside = y >= top && y < top + 3 && x >= left && x < left + 3;
      if (inside) batch.input.values[pixel] = (batch.input.values[pixel] ?? 0) + 2;
      const mask = batch.labels['mask']?.values;
      if (mask !== undefined) mask[2 * pixel + (inside ? 1 : 0)] = 1;
    }
    return Promise.resolve(views.map((view) => view?.apply(batch, orderKey) ?? batch));
  },
});

const data: Data<'mask', 2> = {
  package: 'local',
  name: 'squares',
  options: {},
  task: defineTask('mask', 2, ['background', 'square']),
  input: [SIZE, SIZE, 1],
  normalisation: { mean: [0], std: [1] },
  train: squares(10),
  validation: squares(2),
  test: squares(4),
  close: () => Promise.resolve(),
};

const fullyConvolutional = (channels: number) =>
  defineModel({
    name: 'fullyConvolutional',
    options: { channels },
    emits: ['logits'],
    build: ({ input, classes }, seed) => {
      const image = tf.input({ shape: [...input] });
      const conv = (filters: number, name: string, activation?: 'relu') =>
        tf.layers.conv2d({
          filters,
          kernelSize: 3,
          padding: 'same',
          name,
          kernelInitializer: 'zeros',
          ...(activation === undefined ? {} : { activation }),
        });
      const logits = conv(classes, 'head').apply(conv(channels, 'body', 'relu').apply(image)) as tf.SymbolicTensor;
      const layers = tf.model({ inputs: image, outputs: logits });
      layers.setWeights(layers.getWeights().map((w, index) => tf.tensor(normal(fold(seed, index), w.size).map((z) => 0.2 * z), w.shape)));
      return network(layers, { logits });
    },
  });

const pixelCrossEntropy = defineTerm({
  name: 'pixelCrossEntropy',
  from: 'labels',
  labels: 'mask',
  needs: ['logits'],
  compute: ({ logits }, { mask }, { logSoftmax }) => mask.mul(logSoftmax(logits)).sum(-1).neg().mean([1, 2]),
});

const pixelKd = defineTerm({
  name: 'pixelKd',
  from: 'node',
  needs: ['logits'],
  compute: (student, teacher, { logSoftmax }) => {
    const [p, q] = [logSoftmax(teacher.logits), logSoftmax(student.logits)];
    return p.exp().mul(p.sub(q)).sum(-1).mean([1, 2]);
  },
});

const pixelAccuracy = defineMetric({
  name: 'pixelAccuracy',
  labels: 'mask',
  needs: ['logits'],
  better: 'higher',
  init: () => ({ right: 0, seen: 0 }),
  update: (state, { labels, readings }) => {
    const [mask, logits] = [labels['mask']?.values ?? [], readings['logits']?.values ?? []];
    for (let at = 0; at < mask.length; at += 2) {
      state.right += Number((mask[at + 1] ?? 0) > (mask[at] ?? 0) === (logits[at + 1] ?? 0) > (logits[at] ?? 0));
      state.seen += 1;
    }
    return state;
  },
  result: ({ right, seen }) => right / seen,
});

it('segmentation trains through the same chain and engine', async () => {
  const pipeline = createPipeline(trainer({ backend, metrics: { mask: [pixelAccuracy] } }));
  const run = await pipeline(data)
    .teacher(fullyConvolutional(8))
    .students({ a: fullyConvolutional(4), b: fullyConvolutional(4) })
    .supervise(pixelCrossEntropy)
    .distill(pixelKd)
    .mutual(pixelKd, { weight: 0.5 })
    .optimize(adam({ lr: 0.02 }))
    .ensemble(meanProbabilities())
    .build();
  expect(run.spec.task.kind).toBe('mask');
  const { evaluation } = await run.fit({ epochs: 6, seed: 3 });
  // Background is 86% of the pixels: above 0.93 the square is found.
  for (const scores of [...Object.values(evaluation?.nodes ?? {}), evaluation?.ensemble]) {
    expect(scores?.numbers['pixelAccuracy']).toBeGreaterThan(0.93);
  }
  run.dispose();
});

it('and a classifier’s loss does not fit it', () => {
  const pipeline = createPipeline(trainer({ backend }));
  const chain = pipeline(data).students({ a: fullyConvolutional(4) });
  const crossEntropy = defineTerm({
    name: 'crossEntropy',
    from: 'labels',
    labels: 'class',
    needs: ['logits'],
    compute: ({ logits }) => logits.mean([1, 2, 3]),
  });
  // @ts-expect-error: loss 'crossEntropy' compares with class labels but the data has masks
  expect(() => chain.supervise(crossEntropy)).toThrow("loss 'crossEntropy' compares with class labels but the data has masks");
});

// One contestant: the joint step of ResNets as a user of tfjs-node writes it, with the layers, kernels and optimizer it comes with, run
// eagerly. Argument: JSON of the work.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

/** @type {typeof import('@tensorflow/tfjs')} */
const tf = createRequire(import.meta.url)('@tensorflow/tfjs-node');
/** @type {import('../works.mjs').Work} */
const work = JSON.parse(process.argv[2] ?? '');

/** @typedef {import('@tensorflow/tfjs').SymbolicTensor} Symbolic */

const unit = (/** @type {Symbolic} */ x, /** @type {number} */ filters, kernelSize = 3, strides = 1) => {
  const y = tf.layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false }).apply(x);
  return /** @type {Symbolic} */ (tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }).apply(y));
};
const relu = (/** @type {unknown} */ x) => /** @type {Symbolic} */ (tf.layers.reLU().apply(/** @type {Symbolic} */ (x)));

const resnet = (/** @type {import('../works.mjs').Net} */ { depth = 8, width }) => {
  const input = tf.input({ shape: [work.size, work.size, 3] });
  let x = relu(unit(input, width));
  for (let block = 0; block < 3; block++) {
    for (let index = 0; index < (depth - 2) / 6; index++) {
      const [filters, strides] = [width * 2 ** block, index === 0 && block > 0 ? 2 : 1];
      const shortcut = strides !== 1 || x.shape.at(-1) !== filters ? unit(x, filters, 1, strides) : x;
      x = relu(tf.layers.add().apply([unit(relu(unit(x, filters, 3, strides)), filters), shortcut]));
    }
  }
  const pooled = tf.layers.globalAveragePooling2d({}).apply(x);
  return tf.model({ inputs: input, outputs: /** @type {Symbolic} */ (tf.layers.dense({ units: work.classes }).apply(pooled)) });
};

const teachers = work.teacher === null ? [] : [resnet(work.teacher)];
const students = Array.from({ length: work.students }, () => resnet(work.student));
const models = [...teachers, ...students];
const x = tf.randomNormal([work.batch, work.size, work.size, 3]);
const y = tf.oneHot(tf.range(0, work.batch, 1, 'int32').mod(work.classes).toInt(), work.classes);

/** A constant to whoever differentiates. */
const detached = tf.customGrad((value) => ({ value: /** @type {import('@tensorflow/tfjs').Tensor} */ (value).clone(), gradFunc: (dy) => tf.zerosLike(dy) }));

const kd = (/** @type {import('@tensorflow/tfjs').Tensor} */ student, /** @type {import('@tensorflow/tfjs').Tensor} */ teacher, /** @type {number} */ temperature) => {
  const target = tf.logSoftmax(detached(teacher).div(temperature));
  const divergence = tf.exp(target).mul(target.sub(tf.logSoftmax(student.div(temperature)))).sum(-1);
  return divergence.mean().mul(temperature ** 2);
};

const objective = () => {
  const logits = models.map((model) => /** @type {import('@tensorflow/tfjs').Tensor} */ (model.apply(x, { training: true })));
  const [taught, teaching] = [logits.slice(teachers.length), logits.slice(0, teachers.length)];
  const terms = logits.map((each) => tf.losses.softmaxCrossEntropy(y, each));
  taught.forEach((student, index) => {
    const others = taught.filter((_, at) => at !== index);
    for (const teacher of teaching) terms.push(kd(student, teacher, 4));
    for (const other of others) terms.push(kd(student, other, 1).div(others.length));
  });
  return /** @type {import('@tensorflow/tfjs').Scalar} */ (tf.addN(terms));
};

const optimizer = tf.train.momentum(0.01, 0.9);
const sizeOf = (/** @type {import('@tensorflow/tfjs').LayersModel} */ model) =>
  model.trainableWeights.reduce((sum, { shape }) => sum + shape.reduce((/** @type {number} */ size, length) => size * (length ?? 1), 1), 0);
const names = [...teachers.map(() => 'teacher'), ...students.map((_, index) => `s${index + 1}`)];
process.stdout.write(`${JSON.stringify({ parameters: Object.fromEntries(models.map((model, index) => [names[index], sizeOf(model)])) })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const steps = Number(line);
  const [from, used] = [performance.now(), process.cpuUsage()];
  for (let step = 0; step < steps; step++) optimizer.minimize(objective);
  const { user, system } = process.cpuUsage(used);
  process.stdout.write(`${JSON.stringify({ ms: (performance.now() - from) / steps, cpuMs: (user + system) / 1000 / steps, peakMB: process.resourceUsage().maxRSS / 1024 })}\n`);
}

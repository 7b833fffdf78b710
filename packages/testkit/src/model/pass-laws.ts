import type { Signal } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insist, type Law } from '../law.ts';
import { type ModelBench, atEachSite, difference, drawsOf, list, readOnce, valuesOf } from './model-bench.ts';

const emitsWhatItDeclares = (bench: ModelBench): Law => ({
  name: 'emits what it declares, in training and in inference, one row per example',
  check: atEachSite(bench, (network, input, site) => {
    const { model, subject, batch } = bench;
    insist(new Set(model.emits).size === model.emits.length, () => `${subject} declares a signal twice: ${list(model.emits)}.`);
    for (const training of [false, true]) {
      tf.tidy(() => {
        const readings = network.read(input, model.emits, training ? { training, key: drawsOf(0) } : { training });
        const emitted = Object.keys(readings);
        insist(
          [...emitted].sort().join() === [...model.emits].sort().join(),
          () => `${subject} was asked for ${list(model.emits)} and gave ${list(emitted)}.`,
        );
        for (const [signal, { shape, dtype }] of Object.entries(readings) as [Signal, tf.Tensor][]) {
          insist(shape[0] === batch, () => `'${signal}' of ${subject} has shape [${shape.join(', ')}]: its first length must be the batch, ${batch}.`);
          insist(dtype === 'float32', () => `'${signal}' of ${subject} is ${dtype}: it must be float32.`);
          insist(
            signal !== 'logits' || shape.at(-1) === site.classes,
            () => `the logits of ${subject} have shape [${shape.join(', ')}]: the last length must be the classes, ${site.classes}.`,
          );
        }
      });
    }
  }),
});

const readsSingly = (bench: ModelBench): Law => ({
  name: 'gives the same whether signals are asked for one by one or together',
  check: atEachSite(bench, async (network, input) => {
    const { model, subject } = bench;
    const together = await readOnce(network, model.emits, input);
    for (const signal of model.emits) {
      const alone = await readOnce(network, [signal], input);
      insist(difference(alone, together) === undefined, () => `'${signal}' of ${subject} is another when it is asked for alone.`);
    }
  }),
});

const inferenceRests = (bench: ModelBench): Law => ({
  name: 'inference moves nothing and repeats itself',
  check: atEachSite(bench, async (network, input) => {
    const { model, subject } = bench;
    const held = { ...network.parameters, ...network.buffers };
    const before = await valuesOf(held);
    const first = await readOnce(network, model.emits, input);
    const second = await readOnce(network, model.emits, input);
    const moved = difference(before, await valuesOf(held));
    insist(moved === undefined, () => `inference of ${subject} moved '${moved ?? ''}'.`);
    const changed = difference(first, second);
    insist(changed === undefined, () => `'${changed ?? ''}' of ${subject} differs between two inferences on the same input.`);
    insist(Object.values(first).flatMap((values) => [...values]).every(Number.isFinite), () => `${subject} infers a value that is not finite.`);
  }),
});

const trainingIsPure = (bench: ModelBench): Law => ({
  name: 'training pass is a function of its input and its key, and moves buffers only',
  check: atEachSite(bench, async (network, input) => {
    const { model, subject } = bench;
    const parameters = await valuesOf(network.parameters);
    const given = Float32Array.from(await input.data());
    const first = await readOnce(network, model.emits, input, 5);
    await readOnce(network, model.emits, input, 6);
    const again = await readOnce(network, model.emits, input, 5);
    const changed = difference(first, again);
    insist(changed === undefined, () => `'${changed ?? ''}' of ${subject} differs between two training passes with the same input and key.`);
    const moved = difference(parameters, await valuesOf(network.parameters));
    insist(moved === undefined, () => `a training pass of ${subject} moved the parameter '${moved ?? ''}': only the optimizer may.`);
    insist(difference({ given }, { given: Float32Array.from(await input.data()) }) === undefined, () => `${subject} changed its input.`);
  }),
});

const takesOneExample = (bench: ModelBench): Law => ({
  name: 'takes a batch of one example',
  check: atEachSite({ ...bench, batch: 1 }, async (network, input) => {
    for (const step of [undefined, 0]) {
      const readings = await readOnce(network, bench.model.emits, input, step);
      const bad = Object.keys(readings).find((signal) => readings[signal]?.every(Number.isFinite) !== true);
      insist(bad === undefined, () => `'${bad ?? ''}' of ${bench.subject} is not finite for a batch of one example.`);
    }
  }),
});

/** What a model's passes must be. */
export const passLaws = (bench: ModelBench): readonly Law[] => [
  emitsWhatItDeclares(bench),
  readsSingly(bench),
  inferenceRests(bench),
  trainingIsPure(bench),
  takesOneExample(bench),
];

import { freeTapeOnThrow, key, normal } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insist, type Law } from '../law.ts';
import { type ModelBench, type Values, atEachSite, difference, drawsOf, examples, list, readOnce, valuesOf } from './model-bench.ts';

const weightsFollowTheKey = (bench: ModelBench, keyed: boolean): Law => ({
  name: keyed ? 'has the same weights for the same key, and others for another' : 'has the same weights for every key',
  check: async () => {
    const { model, subject, sites } = bench;
    for (const site of sites) {
      const weights: Values[] = [];
      for (const seed of [1, 1, 2]) {
        const network = model.build(site, key(seed));
        weights.push(await valuesOf({ ...network.parameters, ...network.buffers }));
        network.dispose();
      }
      const [first = {}, again = {}, other = {}] = weights;
      const names = list(Object.keys(first));
      insist(Object.keys(first).join() === Object.keys(again).join(), () => `${subject} called its variables ${names} once, and ${list(Object.keys(again))} when it was built again.`);
      const changed = difference(first, again);
      insist(changed === undefined, () => `'${changed ?? ''}' of ${subject} differs between two builds with the same key: draw with core's keys only.`);
      insist(
        (difference(first, other) === undefined) === !keyed,
        () => (keyed ? `${subject} has the same weights for two keys: derive them from the key.` : `${subject} has other weights for another key.`),
      );
    }
  },
});

const gradientReaches = (bench: ModelBench, without: readonly string[]): Law => ({
  name: 'gradient reaches every parameter',
  check: atEachSite(bench, async (network, input) => {
    const { model, subject } = bench;
    const signal = model.emits.includes('logits') ? 'logits' : model.emits[0];
    if (signal === undefined) return;
    const found = tf.tidy(() => {
      const draws = drawsOf(0);
      const { grads } = freeTapeOnThrow(() => tf.variableGrads(() => {
        const reading = network.read(input, [signal], { training: true, key: draws })[signal] as tf.Tensor;
        // No two outputs weigh the same, so that nothing cancels by symmetry.
        return tf.sum(tf.mul(reading, tf.tensor(normal(key(4), reading.size), reading.shape)));
      }, Object.values(network.parameters)));
      return Object.fromEntries(
        Object.entries(network.parameters).flatMap(([name, { name: id }]): [string, tf.Tensor][] => {
          const gradient = (grads as Readonly<Record<string, tf.Tensor | null>>)[id] ?? null;
          return gradient === null ? [] : [[name, gradient]];
        }),
      );
    });
    const gradients = await valuesOf(found);
    tf.dispose(found);
    for (const name of Object.keys(network.parameters)) {
      const gradient = gradients[name] ?? new Float32Array();
      insist(gradient.every(Number.isFinite), () => `the gradient of '${name}' of ${subject} is not finite.`);
      insist(
        gradient.some((slope) => slope !== 0) || without.includes(name),
        () => `no gradient of '${signal}' reaches '${name}' of ${subject}: use it, or make it a buffer, or list it under without.`,
      );
    }
  }),
});

const savesPlainly = (bench: ModelBench): Law => ({
  name: 'saves as a LayersModel that plain tfjs loads, with the same outputs',
  check: atEachSite(bench, async (network, input) => {
    const { model, subject, batch } = bench;
    // A pass first, so that buffers have moved.
    await readOnce(network, model.emits, input, 1);
    let saved: tf.io.ModelArtifacts = {};
    await network.layers.save(
      tf.io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) });
      }),
    );
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
    const outputs = [loaded.predict(input, { batchSize: batch })].flat();
    const [output = new Float32Array()] = await Promise.all(outputs.map(async (tensor) => Float32Array.from(await tensor.data())));
    const names = loaded.weights.map((weight) => weight.originalName).sort();
    tf.dispose(outputs);
    loaded.dispose();
    const signal = model.emits.includes('logits') ? 'logits' : model.emits[0];
    if (signal !== undefined) {
      const expected = await readOnce(network, [signal], input);
      const off = difference(expected, { [signal]: output });
      insist(off === undefined, () => `${subject}, saved and loaded by plain tfjs, gives another output than '${signal}'.`);
    }
    const own = [...Object.keys(network.parameters), ...Object.keys(network.buffers)].sort();
    insist(names.join() === own.join(), () => `${subject} is saved with the variables ${list(names)}, but its parameters and buffers are ${list(own)}.`);
  }),
});

const leaksNothing = ({ model, subject, sites, batch }: ModelBench): Law => ({
  name: 'leaks no tensor',
  check: async () => {
    for (const site of sites) {
      const before = tf.memory().numTensors;
      const network = model.build(site, key(1));
      const held = Object.keys(network.parameters).length + Object.keys(network.buffers).length;
      const built = tf.memory().numTensors - before;
      const input = examples(site, batch);
      await readOnce(network, model.emits, input);
      await readOnce(network, model.emits, input, 0);
      input.dispose();
      const used = tf.memory().numTensors - before - built;
      network.dispose();
      const after = tf.memory().numTensors - before - used;
      insist(built === held, () => `${subject} holds ${built} tensors when built, but has ${held} parameters and buffers.`);
      insist(used === 0, () => `${subject} keeps ${used} tensors from a pass beyond its readings.`);
      insist(after === 0, () => `${subject} leaves ${after} tensors behind when it is disposed.`);
    }
  },
});

/**
 * What must hold of a model's variables.
 *
 * @param bench - the model
 * @param keyed - whether the key decides the weights
 * @param without - parameters that rightly get no gradient
 */
export const weightLaws = (bench: ModelBench, keyed: boolean, without: readonly string[]): readonly Law[] => [
  weightsFollowTheKey(bench, keyed),
  gradientReaches(bench, without),
  savesPlainly(bench),
  leaksNothing(bench),
];

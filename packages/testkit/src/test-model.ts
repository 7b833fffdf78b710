import { describe, fold, key, type Model, type Network, normal, printPart, type Readings, type Signal, type Site, sizeOf } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insist, type Law, testLaws } from './law.ts';

/**
 * What the laws should know of a model.
 *
 * @example
 * const options: ModelLawOptions = { sites: [{ input: [8], classes: 3 }] };
 */
export interface ModelLawOptions {
  /** Where to build it; default images of 8 × 8 with three channels and 3 classes, and with one channel and 2 classes. */
  readonly sites?: readonly Site[];
  /** Examples per batch; default 3. */
  readonly batch?: number;
  /** Whether the key decides the weights; `false` for a model that keeps given ones. Default true. */
  readonly keyed?: boolean;
  /** Parameters that rightly get no gradient, such as a bias in front of batch norm; default none. */
  readonly without?: readonly string[];
}

/** A model, what to try it with, and how it is called in sentences. */
interface Bench {
  readonly model: Model;
  readonly subject: string;
  readonly sites: readonly Site[];
  readonly batch: number;
}

const SITES: readonly Site[] = [
  { input: [8, 8, 3], classes: 3 },
  { input: [8, 8, 1], classes: 2 },
];

const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.map((name) => `'${name}'`).join(', '));

const examples = ({ input }: Site, batch: number): tf.Tensor => tf.tensor(normal(fold(key(3), 'examples', batch), batch * sizeOf(input)), [batch, ...input]);

/** The key of a step. */
const drawsOf = (step: number): tf.Tensor1D => tf.tensor1d([7, step], 'int32');

type Values = Readonly<Record<string, Float32Array>>;

const valuesOf = async (tensors: Readonly<Record<string, tf.Tensor>>): Promise<Values> => {
  const entries = await Promise.all(Object.entries(tensors).map(async ([name, tensor]) => [name, Float32Array.from(await tensor.data())] as const));
  return Object.fromEntries(entries);
};

/** The first name whose values differ in a bit. */
const difference = (a: Values, b: Values): string | undefined =>
  Object.keys(a).find((name) => (a[name] ?? []).some((value, index) => !Object.is(value, b[name]?.[index])));

const readOnce = async (network: Network, signals: readonly Signal[], input: tf.Tensor, step?: number): Promise<Values> => {
  const draws = step === undefined ? undefined : drawsOf(step);
  const readings: Readings = network.read(input, signals, draws === undefined ? { training: false } : { training: true, key: draws });
  const values = await valuesOf(readings);
  tf.dispose([readings, draws]);
  return values;
};

/** Runs a check on a network at each site, which is disposed whatever happens. */
const atEachSite =
  ({ sites, model, batch }: Bench, check: (network: Network, input: tf.Tensor, site: Site) => void | Promise<void>) =>
  async (): Promise<void> => {
    for (const site of sites) {
      const network = model.build(site, key(1));
      const input = examples(site, batch);
      try {
        await check(network, input, site);
      } finally {
        input.dispose();
        network.dispose();
      }
    }
  };

const emitsWhatItDeclares = (bench: Bench): Law => ({
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

const readsSingly = (bench: Bench): Law => ({
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

const weightsFollowTheKey = (bench: Bench, keyed: boolean): Law => ({
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

const gradientReaches = (bench: Bench, without: readonly string[]): Law => ({
  name: 'gradient reaches every parameter',
  check: atEachSite(bench, async (network, input) => {
    const { model, subject } = bench;
    const signal = model.emits.includes('logits') ? 'logits' : model.emits[0];
    if (signal === undefined) return;
    const found = tf.tidy(() => {
      const draws = drawsOf(0);
      const { grads } = tf.variableGrads(() => {
        const reading = network.read(input, [signal], { training: true, key: draws })[signal] as tf.Tensor;
        // No two outputs weigh the same, so that nothing cancels by symmetry.
        return tf.sum(tf.mul(reading, tf.tensor(normal(key(4), reading.size), reading.shape)));
      }, Object.values(network.parameters));
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

const inferenceRests = (bench: Bench): Law => ({
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

const trainingIsPure = (bench: Bench): Law => ({
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

const savesPlainly = (bench: Bench): Law => ({
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

const leaksNothing = ({ model, subject, sites, batch }: Bench): Law => ({
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

const takesOneExample = (bench: Bench): Law => ({
  name: 'takes a batch of one example',
  check: atEachSite({ ...bench, batch: 1 }, async (network, input) => {
    for (const step of [undefined, 0]) {
      const readings = await readOnce(network, bench.model.emits, input, step);
      const bad = Object.keys(readings).find((signal) => readings[signal]?.every(Number.isFinite) !== true);
      insist(bad === undefined, () => `'${bad ?? ''}' of ${bench.subject} is not finite for a batch of one example.`);
    }
  }),
});

/**
 * What must hold of every model, on the backend that is active when the laws are checked.
 *
 * A model that is fixed to its classes, or takes no images, needs `sites` of its own.
 *
 * @param model - the one under test
 * @returns laws for {@link testLaws}; each leaves as many tensors as it found
 * @example
 * declare const mlp: Model;
 * const laws = modelLaws(mlp, { sites: [{ input: [5], classes: 2 }] });
 */
export const modelLaws = (model: Model, { sites = SITES, batch = 3, keyed = true, without = [] }: ModelLawOptions = {}): readonly Law[] => {
  const bench: Bench = { model, subject: `model '${model.name}'`, sites, batch };
  return [
    emitsWhatItDeclares(bench),
    readsSingly(bench),
    weightsFollowTheKey(bench, keyed),
    gradientReaches(bench, without),
    inferenceRests(bench),
    trainingIsPure(bench),
    savesPlainly(bench),
    leaksNothing(bench),
    takesOneExample(bench),
  ];
};

/**
 * Tests a model against {@link modelLaws} with the test runner whose `describe` and `it` are global.
 *
 * @example
 * declare const mlp: Model;
 * testModel(mlp, { sites: [{ input: [5], classes: 2 }] });
 */
export const testModel = (model: Model, options?: ModelLawOptions): void => {
  testLaws(`laws of ${printPart(describe(model))}`, modelLaws(model, options));
};

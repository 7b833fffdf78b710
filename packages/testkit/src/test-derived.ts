import { describe, type Derived, type Named, fold, key, normal, printPart } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type DerivedBench, type DerivedBenchOptions, derivedBench } from './derived/derived-bench.ts';
import { hostReads } from './host-reads.ts';
import { jsonLaw } from './json-law.ts';
import { insist, type Law, testLaws } from './law.ts';

/**
 * Options of {@link derivedLaws}.
 *
 * @example
 * const options: DerivedLawOptions = { detached: ['a/tap:pooled'] };
 */
export interface DerivedLawOptions extends DerivedBenchOptions {
  /** What no gradient reaches: `<member>/<signal>`, or a parameter. Default nothing. */
  readonly detached?: readonly string[];
  /** Whether gradients are compared with finite differences; default true. `false` for a node whose weights are detached inside. */
  readonly smooth?: boolean;
}

const STEP = 1e-2;

const whole = (bench: DerivedBench): Named<tf.Tensor> =>
  Object.fromEntries(Object.entries(bench.members).flatMap(([member, readings]) => Object.entries(readings).map(([signal, tensor]) => [`${member}/${signal}`, tensor])));

const apart = (flat: Named<tf.Tensor>): Named<Named<tf.Tensor>> => {
  const members: Record<string, Record<string, tf.Tensor>> = {};
  for (const [name, tensor] of Object.entries(flat)) (members[name.slice(0, name.indexOf('/'))] ??= {})[name.slice(name.indexOf('/') + 1)] = tensor;
  return members;
};

/** Buffers as they were, whatever `body` assigns. */
const still = <T>(bench: DerivedBench, body: () => T): T => {
  const buffers = Object.entries(bench.variables).filter(([name]) => !bench.parameters.includes(name));
  return tf.tidy(() => {
    const before = buffers.map(([, variable]) => variable.clone());
    try {
      return body() as T & tf.TensorContainer;
    } finally {
      buffers.forEach(([, variable], at) => variable.assign(before[at] as tf.Tensor));
    }
  });
};

/** A number that depends on all that is emitted. */
const mixed = (readings: Named<tf.Tensor>): tf.Scalar =>
  tf.addN(
    Object.entries(readings)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([signal, tensor]) => tensor.mul<tf.Tensor>(tf.tensor(normal(fold(key(5), signal), tensor.size), tensor.shape)).sum<tf.Scalar>()),
  );

const gradientLaw = (subject: string, bench: DerivedBench, { detached = [], smooth = true }: DerivedLawOptions): void => {
  const flat = whole(bench);
  const inputs = Object.keys(flat);
  const owned = bench.parameters.map((name) => [name, bench.variables[name] as tf.Variable] as const);
  const value = (tensors: readonly tf.Tensor[]): tf.Scalar => mixed(bench.read(apart(Object.fromEntries(inputs.map((name, at) => [name, tensors[at] as tf.Tensor])))));
  const at = (tensors: readonly tf.Tensor[]): number => still(bench, () => value(tensors).dataSync()[0] ?? NaN);
  const gradients = new Map<string, Float32Array>();
  still(bench, () => {
    const all = tf.grads((...tensors: tf.Tensor[]) => value(tensors))(Object.values(flat));
    inputs.forEach((name, index) => gradients.set(name, (all[index] as tf.Tensor).dataSync<'float32'>().slice()));
  });
  if (owned.length > 0) {
    still(bench, () => {
      const { grads } = tf.variableGrads(() => value(Object.values(flat)), owned.map(([, variable]) => variable));
      for (const [name, variable] of owned) gradients.set(name, grads[variable.name]?.dataSync<'float32'>().slice() ?? new Float32Array(variable.size));
    });
  }
  for (const [name, gradient] of gradients) {
    if (detached.includes(name)) {
      insist(gradient.every((slope) => slope === 0), () => `${subject} sends a gradient to '${name}', which is said to be detached.`);
      continue;
    }
    insist(gradient.some((slope) => slope !== 0), () => `${subject} sends no gradient to '${name}'.`);
    if (!smooth) continue;
    // A few elements of each will do.
    for (let draw = 0; draw < 4; draw++) {
      const index = Math.floor(gradient.length * ((draw + 0.5) / 4));
      const around = [1, -1].map((sign): number => {
        const variable = owned.find(([owner]) => owner === name)?.[1];
        return still(bench, () => {
          const moved = (tensor: tf.Tensor): tf.Tensor => tf.tensor(tensor.dataSync<'float32'>().map((x, i) => (i === index ? x + sign * STEP : x)), tensor.shape);
          if (variable === undefined) return at(inputs.map((input) => (input === name ? moved(flat[input] as tf.Tensor) : (flat[input] as tf.Tensor))));
          const before = variable.clone();
          variable.assign(moved(variable));
          const result = at(Object.values(flat));
          variable.assign(before);
          return result;
        });
      }) as [number, number];
      const slope = (around[0] - around[1]) / (2 * STEP);
      const found = gradient[index] ?? NaN;
      insist(Math.abs(slope - found) < 1e-2 + 1e-2 * Math.abs(slope), () => `${subject}: the gradient of '${name}' is ${found} at ${index}, where finite differences give ${slope}.`);
    }
  }
};

/**
 * The laws of a derived node that reads its members and owns weights, but asks for no network, for whichever tfjs backend is active.
 *
 * - It describes itself as JSON, and emits exactly what it declares, of the batch's length, in training and (unless it reads labels) outside.
 * - It keeps no tensor but what it emits, returns none that it was given, and reads no value on the host.
 * - Its gradient equals finite differences in all that it reads and owns, and is 0 where that is said to be detached.
 *
 * @param derived - the node under test
 * @param options - shapes, and what is detached
 * @returns laws to register with `testLaws`, or to check one by one
 * @example
 * declare const derived: Derived;
 * for (const law of derivedLaws(derived)) await law.check();
 */
export const derivedLaws = (derived: Derived, options: DerivedLawOptions = {}): readonly Law[] => {
  const subject = `node '${derived.name}'`;
  const tried = (body: (bench: DerivedBench) => void) => (): void => {
    const bench = derivedBench(derived, options);
    try {
      body(bench);
    } finally {
      bench.dispose();
    }
  };
  const { batch = 5 } = options;
  return [
    jsonLaw(derived, subject),
    {
      name: 'emits what it declares',
      check: tried((bench) => {
        for (const training of derived.labels === undefined ? [true, false] : [true]) {
          still(bench, () => {
            const emitted = bench.read(bench.members, { training }) as Named<tf.Tensor>;
            insist(Object.keys(emitted).sort().join() === [...derived.emits].sort().join(), () => `${subject} declares ${derived.emits.join(', ')} but emits ${Object.keys(emitted).join(', ')}.`);
            for (const [signal, tensor] of Object.entries(emitted)) {
              insist(tensor.shape[0] === batch, () => `${subject} emits '${signal}' of shape [${tensor.shape.join(', ')}]: its first axis must be the batch, ${batch}.`);
              insist(tensor.dataSync().every(Number.isFinite), () => `${subject} emits '${signal}' with NaN or infinity.`);
            }
          });
        }
      }),
    },
    {
      name: 'keeps no tensor but what it emits',
      check: tried((bench) => {
        const given = [...Object.values(whole(bench)), ...Object.values(bench.variables)];
        const before = tf.memory().numTensors;
        still(bench, () => {
          const emitted = Object.values(bench.read());
          insist(!emitted.some((tensor) => given.includes(tensor)), () => `${subject} returns a tensor that it was given: return a new one, for the caller disposes it.`);
        });
        insist(!given.some((tensor) => tensor.isDisposed), () => `${subject} disposed what it was only given to read.`);
        insist(tf.memory().numTensors === before, () => `${subject} kept ${tf.memory().numTensors - before} tensors.`);
      }),
    },
    {
      name: 'reads no value on the host',
      check: tried((bench) => {
        const { reads } = hostReads(() => still(bench, () => void bench.read()));
        insist(reads === 0, () => `${subject} reads a tensor's values: stay on the backend, so that a step can be compiled.`);
      }),
    },
    { name: 'sends the gradients that it should', check: tried((bench) => gradientLaw(subject, bench, options)) },
  ];
};

/**
 * Registers the laws of a derived node as tests.
 *
 * @param derived - the node under test
 * @param options - see {@link DerivedLawOptions}
 * @throws Error where no runner is found
 * @example
 * declare const derived: Derived;
 * testDerived(derived, { shapes: { 'tap:pooled': [8] } });
 */
export const testDerived = (derived: Derived, options: DerivedLawOptions = {}): void => {
  testLaws(`laws of ${printPart(describe(derived))}`, derivedLaws(derived, options));
};

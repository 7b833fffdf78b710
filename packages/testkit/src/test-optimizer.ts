import { describe, type HostArray, type Named, type Optimizer, printPart, sizeOf } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { hostReads } from './host-reads.ts';
import { jsonLaw } from './json-law.ts';
import { insist, type Law, testLaws } from './law.ts';
import { type OptimizerProblem, runOptimizer } from './optimizer/run-optimizer.ts';

/**
 * What the laws should know of an optimizer.
 *
 * @example
 * const slow: OptimizerLawOptions = { steps: 2000 };
 */
export interface OptimizerLawOptions {
  /** Steps in which it must come down to a hundredth of each bowl; default 400. */
  readonly steps?: number;
}

/** `x, y ↦ loss` and its gradient. */
interface Bowl {
  readonly name: string;
  readonly loss: (x: number, y: number) => number;
  readonly gradient: (x: number, y: number) => readonly [number, number];
}

const BOWLS: readonly Bowl[] = [
  { name: 'a parabola', loss: (x, y) => 1.5 * x ** 2 + 0.5 * x * y + 0.5 * y ** 2, gradient: (x, y) => [3 * x + 0.5 * y, 0.5 * x + y] },
  // Rosenbrock's valley with 2 instead of 100: bent, but not so narrow that only special rates follow it.
  {
    name: 'a bent valley',
    loss: (x, y) => (1 - x) ** 2 + 2 * (y - x ** 2) ** 2,
    gradient: (x, y) => [-2 * (1 - x) - 8 * x * (y - x ** 2), 4 * (y - x ** 2)],
  },
];

const SHAPES = { 'layer1/kernel': [2, 3], 'layer1/bias': [3], scale: [] } as const;

const wave = (size: number, phase: number): Float32Array => Float32Array.from({ length: size }, (_, index) => Math.sin(1 + index + phase));

const arraysOf = (shapes: Named<readonly number[]>, values: (size: number, index: number) => Float32Array): Record<string, HostArray> =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape], index) => [name, { shape, values: values(sizeOf(shape), index) }]));

/** A few parameters of several ranks, pulled about by gradients that do not depend on them. */
const problem = (change: Partial<OptimizerProblem> = {}): OptimizerProblem => ({
  start: arraysOf(SHAPES, wave),
  gradients: (values, step) => Object.fromEntries(Object.entries(values).map(([name, { length }]) => [name, wave(length, name.length + 2 * step)])),
  steps: 4,
  ...change,
});

const print = (records: unknown): string => JSON.stringify(records, (_, value: unknown) => (value instanceof Float32Array ? [...value].map(String) : value));

/** The furthest that two records of numbers are apart, relative to 1. */
const apart = (a: Named<Float32Array>, b: Named<Float32Array>): number =>
  Math.max(0, ...Object.entries(a).flatMap(([name, values]) => [...values].map((value, index) => Math.abs(value - (b[name]?.[index] ?? NaN)) / Math.max(1, Math.abs(value)))));

/**
 * The laws of an optimizer, for whichever tfjs backend is active when they are checked.
 *
 * - It describes itself as JSON, is pure, reads no value on the host, and keeps no tensor but its results.
 * - The slots it updates are those that `init` made, of the same shapes.
 * - Every number it declares has an effect, and it asks for no other.
 * - A parameter without gradient stays put, and so do its slots. The order of parameters does not matter. No parameters are fine.
 * - It stays finite for gradients of 0, 10⁻²⁰ and 10⁶, and comes down a parabola and a bent valley.
 *
 * @param optimizer - the one under test, with a rate that suits a parabola of curvature 3
 * @param options - see {@link OptimizerLawOptions}
 * @returns laws to register with `testLaws`, or to check one by one. Each fails with a sentence that names the optimizer.
 * @example
 * declare const sgd: Optimizer;
 * for (const law of optimizerLaws(sgd)) await law.check();
 */
export const optimizerLaws = (optimizer: Optimizer, { steps = 400 }: OptimizerLawOptions = {}): readonly Law[] => {
  const subject = `optimizer '${optimizer.name}'`;
  return [
    jsonLaw(optimizer, subject),
    {
      name: 'updates the slots that init made, in their shapes',
      check: async () => {
        const made = optimizer.init(SHAPES);
        const wrong = Object.entries(made).find(([, { shape, values }]) => values.length !== sizeOf(shape) || !values.every(Number.isFinite));
        insist(wrong === undefined, () => `${subject} begins with a slot '${String(wrong?.[0])}' that is not finite, or not of its shape.`);
        await runOptimizer(optimizer, problem(), (update, apply) => {
          const updated = apply();
          for (const [name, { shape, dtype }] of Object.entries(updated.slots)) {
            const known = made[name];
            insist(known !== undefined, () => `${subject} updates a slot '${name}' that init did not make: there are ${Object.keys(made).join(', ') || 'none'}.`);
            insist(shape.join() === known.shape.join() && dtype === 'float32', () => `${subject} makes slot '${name}' ${dtype} [${shape.join(', ')}] where init made it float32 [${known.shape.join(', ')}].`);
          }
          for (const [name, { shape, dtype }] of Object.entries(updated.parameters)) {
            const before = update.parameters[name];
            insist(before !== undefined, () => `${subject} updates a parameter '${name}' that it was not given.`);
            insist(shape.join() === before.shape.join() && dtype === 'float32', () => `${subject} makes parameter '${name}' ${dtype} [${shape.join(', ')}] of float32 [${before.shape.join(', ')}].`);
          }
          return updated;
        });
      },
    },
    ...BOWLS.map(
      ({ name, loss, gradient }): Law => ({
        name: `comes down ${name}`,
        check: async () => {
          const at = ({ x, y }: Named<Float32Array>): [number, number] => [x?.[0] ?? NaN, y?.[0] ?? NaN];
          const start = { x: { shape: [], values: Float32Array.of(-0.5) }, y: { shape: [], values: Float32Array.of(1) } };
          const gradients = (values: Named<Float32Array>): Named<readonly number[]> => {
            const [dx, dy] = gradient(...at(values));
            return { x: [dx], y: [dy] };
          };
          const { path } = await runOptimizer(optimizer, { start, gradients, steps });
          const [from, to] = [loss(-0.5, 1), loss(...at(path.at(-1) ?? {}))];
          insist(to < 0.01 * from, () => `${subject} came from ${from} to ${to} in ${steps} steps down ${name}, not below a hundredth: choose another rate, or say { steps } if it needs more.`);
        },
      }),
    ),
    {
      name: 'same inputs, same outputs',
      check: async () => {
        const [first, second] = [await runOptimizer(optimizer, problem()), await runOptimizer(optimizer, problem())];
        insist(print(first) === print(second), () => `${subject} went two ways from the same start with the same gradients: it must be pure, with all its memory in slots.`);
      },
    },
    {
      name: 'reads no value on the host',
      check: async () => {
        await runOptimizer(optimizer, problem(), (_, apply) => {
          const { result, reads } = hostReads(apply);
          insist(reads === 0, () => `${subject} reads a tensor's values while it updates (dataSync, data, array or print): stay on the backend, so that a step can be compiled.`);
          return result;
        });
      },
    },
    {
      name: 'keeps no tensor but its results, and leaves what it is given alone',
      check: async () => {
        await runOptimizer(optimizer, problem(), ({ gradients, parameters, slots }, apply) => {
          const given = [slots, parameters, gradients].flatMap((tensors) => Object.entries(tensors));
          const before = tf.memory().numTensors;
          const updated = apply();
          const results = new Set([...Object.values(updated.parameters), ...Object.values(updated.slots)]);
          const kept = tf.memory().numTensors - before - results.size;
          const disposed = given.find(([, tensor]) => tensor.isDisposed);
          insist(disposed === undefined, () => `${subject} disposed '${String(disposed?.[0])}', which it was only given to read.`);
          insist(kept === 0, () => `${subject} kept ${kept} tensor${kept === 1 ? '' : 's'} beside its results: wrap update in tf.tidy.`);
          return updated;
        });
      },
    },
    {
      name: 'every number it declares has an effect',
      check: async () => {
        const usual = print((await runOptimizer(optimizer, problem())).path);
        for (const name of Object.keys(optimizer.scalars)) {
          const asked = await Promise.all([0.125, 0.375].map((value) => runOptimizer(optimizer, problem({ scalars: { [name]: value } }))));
          const [low, high] = asked.map(({ path }) => print(path));
          insist(low !== high && (low !== usual || high !== usual), () => `${subject} declares the scalar '${name}' but comes to the same whatever it is: use update.scalar(name), so that the number can change over training.`);
        }
      },
    },
    {
      name: 'a parameter without gradient stays put, and so do its slots',
      check: async () => {
        const { scale, ...others } = SHAPES;
        const without = Object.keys(optimizer.init(others));
        const own = Object.keys(optimizer.init({ scale, ...others })).filter((slot) => !without.includes(slot));
        const { gradients } = problem();
        const onlyAtFirst: OptimizerProblem['gradients'] = (values, step) => {
          const { scale: ofScale = [], ...rest } = gradients(values, step);
          return step === 0 ? { ...rest, scale: ofScale } : rest;
        };
        const { path, slots } = await runOptimizer(optimizer, problem({ gradients: onlyAtFirst }));
        const moved = path.findIndex((values, step) => step > 0 && print(values['scale']) !== print(path[0]?.['scale']));
        insist(moved === -1, () => `${subject} moves a parameter that got no gradient.`);
        const changed = own.find((slot) => slots.some((values) => print(values[slot]) !== print(slots[0]?.[slot])));
        insist(changed === undefined, () => `${subject} changes slot '${String(changed)}' of a parameter that got no gradient.`);
      },
    },
    {
      name: 'the order of parameters does not matter',
      check: async () => {
        const turned = (record: Named<HostArray>): Record<string, HostArray> => Object.fromEntries(Object.entries(record).reverse());
        const [one, other] = [await runOptimizer(optimizer, problem()), await runOptimizer(optimizer, problem({ start: turned(problem().start) }))];
        const gap = apart(one.path.at(-1) ?? {}, other.path.at(-1) ?? {});
        insist(gap < 1e-6, () => `${subject} comes to numbers ${gap} apart where its parameters are given in another order.`);
      },
    },
    {
      name: 'stays finite for gradients of 0, 1e-20 and ±1e6',
      check: async () => {
        for (const size of [0, 1e-20, 1e6]) {
          const gradients: OptimizerProblem['gradients'] = (values, step) => Object.fromEntries(Object.entries(values).map(([name, { length }]) => [name, wave(length, step).map((x) => size * x)]));
          for (const start of [problem().start, arraysOf(SHAPES, (length) => new Float32Array(length))]) {
            const { path, slots } = await runOptimizer(optimizer, problem({ start, gradients }));
            const lost = [...path, ...slots].flatMap((values) => Object.entries(values)).find(([, values]) => !values.every(Number.isFinite));
            insist(lost === undefined, () => `${subject} makes '${String(lost?.[0])}' ${String(lost?.[1].find((value) => !Number.isFinite(value)))} of gradients of size ${size}.`);
          }
        }
      },
    },
    {
      name: 'copes with a node that has no parameters, or no gradients',
      check: async () => {
        await runOptimizer(optimizer, problem({ start: {} }));
        await runOptimizer(optimizer, problem({ gradients: () => ({}) }));
      },
    },
  ];
};

/**
 * Registers the laws of an optimizer as tests with jest, or any runner with global `describe` and `it`.
 *
 * Choose the backend before the tests run: `testOn('cpu')`.
 *
 * @param optimizer - the one under test, with a rate that suits a parabola of curvature 3, such as 0.05
 * @param options - see {@link OptimizerLawOptions}
 * @throws Error where no runner is found
 * @example
 * declare const sgd: Optimizer;
 * testOptimizer(sgd);
 */
export const testOptimizer = (optimizer: Optimizer, options: OptimizerLawOptions = {}): void => {
  testLaws(`laws of ${printPart(describe(optimizer))}`, optimizerLaws(optimizer, options));
};

import { readFileSync } from 'node:fs';
import { type Named, type Optimizer, scheduledAt } from '@codistill/core';
import { testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { adam, adamw, chain, clipByGlobalNorm, rmsprop, sgd } from './index.ts';

interface Run {
  readonly name: string;
  readonly function: 'quadratic' | 'rosenbrock';
  readonly params: { readonly lr: number; readonly alpha?: number; readonly clipNorm?: number };
  readonly start: readonly number[];
  readonly trajectory: readonly (readonly number[])[];
}
const golden = JSON.parse(readFileSync(new URL('./optimizers.golden.json', import.meta.url), 'utf8')) as {
  functions: { quadratic: { A: number[][]; c: number[] } };
  runs: Run[];
};
const { A, c } = golden.functions.quadratic;

/** Analytic gradients of the golden functions, in float64. */
const gradientOf = {
  quadratic: (w: readonly number[]): number[] => A.map((row) => row.reduce((sum, a, j) => sum + a * ((w[j] ?? 0) - (c[j] ?? 0)), 0)),
  rosenbrock: ([w0 = 0, w1 = 0]: readonly number[]): number[] => [-2 * (1 - w0) - 8 * w0 * (w1 - w0 ** 2), 4 * (w1 - w0 ** 2)],
} as const;

const optimizerOf = ({ name, params: { clipNorm, alpha, ...params } }: Run): Optimizer => {
  if (name.startsWith('adamw')) return adamw(params);
  if (name.startsWith('adam')) return adam(params);
  if (name.startsWith('rmsprop')) return rmsprop({ ...params, ...(alpha === undefined ? {} : { decay: alpha }) });
  return clipNorm === undefined ? sgd(params) : chain(clipByGlobalNorm({ max: clipNorm }), sgd(params));
};

/** Where an optimizer goes in ten steps, each coordinate a parameter of its own. */
const trajectoryOf = (optimizer: Optimizer, { start, function: of }: Run): number[][] => {
  const names = start.map((_, index) => `w${index}`);
  let slots: Named<tf.Tensor> = Object.fromEntries(
    Object.entries(optimizer.init(Object.fromEntries(names.map((name) => [name, []])))).map(([name, { values, shape }]) => [name, tf.tensor(values, [...shape])]),
  );
  let w = [...start];
  return Array.from({ length: 10 }, () => {
    const [gradient, before] = [gradientOf[of](w), slots];
    const named = (values: readonly number[]): Record<string, tf.Scalar> => Object.fromEntries(names.map((name, index) => [name, tf.scalar(values[index] ?? NaN)]));
    w = tf.tidy(() => {
      const updated = optimizer.update({
        gradients: named(gradient),
        parameters: named(w),
        slots,
        scalar: (name) => tf.scalar(scheduledAt(optimizer.scalars[name] ?? NaN, { step: 0, steps: 1, epoch: 0, epochs: 1 })),
      });
      slots = Object.fromEntries(Object.entries(updated.slots).map(([name, slot]) => [name, tf.keep(slot)]));
      return names.map((name) => updated.parameters[name]?.dataSync()[0] ?? NaN);
    });
    tf.dispose(before);
    return w;
  }).map((point, index) => {
    if (index === 9) tf.dispose(slots);
    return point;
  });
};

testOn('cpu');

describe('trajectories equal PyTorch', () => {
  it.each(golden.runs.map((run) => [run.name, run.function, run] as const))('%s on the %s, within 1e-5', (_, __, run) => {
    const gaps = trajectoryOf(optimizerOf(run), run).map((point, t) => Math.max(...point.map((x, i) => Math.abs(x - (run.trajectory[t]?.[i] ?? NaN)))));
    console.log(run.name, run.function, Math.max(...gaps));
    expect(Math.max(...gaps)).toBeLessThan(1e-5);
  });
});

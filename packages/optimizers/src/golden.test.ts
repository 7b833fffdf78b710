import { readFileSync } from 'node:fs';
import type { Optimizer } from '@codistill/core';
import { runOptimizer, testOn } from '@codistill/testkit';
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

testOn('cpu');

describe('trajectories equal PyTorch', () => {
  it.each(golden.runs.map((run) => [run.name, run.function, run] as const))('%s on the %s', async (_, __, run) => {
    const { path } = await runOptimizer(optimizerOf(run), {
      start: { w: { shape: [run.start.length], values: Float32Array.from(run.start) } },
      gradients: ({ w = [] }) => ({ w: gradientOf[run.function](Array.from(w)) }),
      steps: run.trajectory.length,
    });
    const gaps = path.flatMap(({ w = [] }, t) => Array.from(w, (x, i) => Math.abs(x - (run.trajectory[t]?.[i] ?? NaN))));
    expect(gaps).toHaveLength(10 * run.start.length);
    expect(Math.max(...gaps)).toBeLessThan(1e-6);
  });
});

import { readFileSync } from 'node:fs';
import { CodistillError, key } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, type Nested, testLaws, testOn, testTerm } from '@codistill/testkit';
import { vid, type VidOptions } from './vid.ts';

/** At 0 the ReLUs of that regressor have no slope, though together they are smooth. */
const withoutKinks = (one: GoldenTerm): GoldenTerm => {
  const atKink = (input: Nested, gradient: Nested): Nested =>
    typeof input === 'number' ? (input === 0 ? 0 : gradient) : input.map((inner, index) => atKink(inner, (gradient as readonly Nested[])[index] ?? NaN));
  const [input, gradient] = [one.to['tap:last'] ?? [], one.gradients?.to?.['tap:last'] ?? []];
  return { ...one, parameters: { ...identity, ...one.parameters }, gradients: { ...one.gradients, to: { 'tap:last': atKink(input, gradient) } } };
};

const golden = JSON.parse(readFileSync(new URL('./vid.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: unknown })[];
};
const composed = JSON.parse(readFileSync(new URL('./vid-regressor.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: Pick<VidOptions<'last'>, 'hidden'> })[];
};

/** Kernels of a regressor that passes its input through: x = relu(x) − relu(−x). */
const eye = (sign: number): readonly (readonly number[])[] => [0, 1, 2].map((row) => [0, 1, 2].map((column) => (row === column ? sign : 0)));
const there = eye(1).map((row, index) => [...row, ...(eye(-1)[index] ?? [])]);
const back = [...eye(1), ...eye(-1)];
const on = [0, 1, 2, 3, 4, 5].map((row) => [0, 1, 2, 3, 4, 5].map((column) => (row === column ? 1 : 0)));
const identity = { 'regressor/0/kernel': [[there]], 'regressor/1/kernel': [[on]], 'regressor/2/kernel': [[back]] };

testOn('cpu');

testTerm(vid({ at: 'last' }), { shapes: { 'tap:last': [4, 4, 3] }, sourceShapes: { 'tap:last': [4, 4, 5] }, seed: 2 });
testTerm(vid({ at: 'pooled', hidden: 4 }), { shapes: { 'tap:pooled': [6] }, sourceShapes: { 'tap:pooled': [3] } });

testLaws('vid equals PyTorch', golden.cases.map((one) => goldenTermLaw(vid({ at: 'last', hidden: 6 }), withoutKinks(one))));
testLaws('vid equals NumPy', composed.cases.map((one) => goldenTermLaw(vid({ at: 'last', ...one.params }), one)));

describe('vid', () => {
  it('begins with a variance of 5 in every channel', () => {
    const state = vid({ at: 'last', hidden: 4 }).state?.({ to: { 'tap:last': [1, 8, 8, 3] }, from: { 'tap:last': [1, 8, 8, 2] } }, key(1));
    const ρ = state?.parameters['variance']?.values ?? [];
    expect([...ρ].map((one) => Math.log1p(Math.exp(one)) + 1e-5)).toEqual([expect.closeTo(5, 5), expect.closeTo(5, 5)]);
    expect(Object.entries(state?.parameters ?? {}).map(([name, { shape }]) => [name, shape])).toEqual([
      ['regressor/0/kernel', [1, 1, 3, 4]],
      ['regressor/1/kernel', [1, 1, 4, 4]],
      ['regressor/2/kernel', [1, 1, 4, 2]],
      ['variance', [2]],
    ]);
  });

  it('refuses hidden layers of no width', () => {
    expect(() => vid({ at: 'last', hidden: 0 })).toThrow(new CodistillError('OPTION_INVALID', 'vid: hidden must be a whole number of at least 1, not 0.'));
  });
});

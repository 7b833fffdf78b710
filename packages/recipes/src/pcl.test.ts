import { defineView, normal, type Run, scheduledAt } from '@codistill/core';
import { original } from '@codistill/data';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, graphOf, of, train } from '../fixtures/trained.ts';
import { pcl } from './index.ts';

testOn('cpu');

const network = cnn({ channels: [3, 4] });
const optimizer = sgd({ lr: 0.1 });
const options = { network, view: original(), peers: ['a', 'b'], from: 'block1', optimizer } as const;
const full = { ...options, fromTeacher: 1, fromMeans: 1 };

it('each peer hears the ensemble, and the means of the others only', () => {
  const { peers: _, ...three } = options;
  const heard = pcl(begin(), three).spec().edges.flatMap(({ from, to }) => (from === 'labels' ? [] : [`${from} -> ${to}`]));
  expect(heard).toEqual([
    ...['p1', 'p2', 'p3'].map((peer) => `teacher -> ${peer}`),
    'p2Mean -> p1', 'p3Mean -> p1', 'p1Mean -> p2', 'p3Mean -> p2', 'p1Mean -> p3', 'p2Mean -> p3',
  ]);
});

it('what they hear grows, and never shrinks', async () => {
  const { spec, edges } = await graphOf((chain) => pcl(chain, { network, view: original(), from: 'block1', optimizer }));
  const weights = (index: number): readonly number[] =>
    Array.from({ length: 301 }, (_, epoch) => scheduledAt(edges[index]?.weight ?? NaN, { step: epoch * 10, epoch, steps: 3000, epochs: 300 }));
  for (const [index, { from }] of spec.edges.entries()) {
    if (from === 'labels') continue;
    // The means of the two others share a weight.
    const whole = from === 'teacher' ? 1 : 1 / 2;
    const grown = weights(index);
    grown.forEach((weight, epoch) => expect(weight).toBeGreaterThanOrEqual(grown[epoch - 1] ?? 0));
    // exp(−5 (1 − t)²) at 0, at a half and from 80 on.
    [[0, Math.exp(-5)], [40, Math.exp(-1.25)], [80, 1], [300, 1]].forEach(([epoch = NaN, weight = NaN]) => expect(grown[epoch]).toBeCloseTo(whole * weight, 6));
  }
});

it('each peer has a draw of its own, which its mean copy sees too', async () => {
  const drawn: number[][] = [];
  const noisy = defineView({ name: 'noisy' }, (batch, key) => {
    const noise = normal(key, batch.input.values.length);
    drawn.push([...noise]);
    return { ...batch, input: { ...batch.input, values: batch.input.values.map((x, i) => x + 0.1 * (noise[i] ?? 0)) } };
  });
  const { views } = await graphOf((chain) => pcl(chain, { ...full, view: noisy }));
  expect(views['mean']).toEqual(views['net']);
  views['net']?.forEach((view, index) => expect(view).toBe(views['mean']?.[index]));
  const run = await pcl(begin(), { ...full, view: noisy }).build();
  drawn.length = 0;
  const { after } = await train(run);
  expect(drawn).toHaveLength(2 * after.size);
  expect(new Set(drawn.map((noise) => noise.join())).size).toBe(drawn.length);
});

it('the copy follows the network', async () => {
  const { after } = await train(await pcl(begin(), { ...full, decay: 0.5 }).build());
  // After the first step φ = 0, after the second ½: halfway between the two.
  expect(of(after.get(1), 'mean')).toEqual(of(after.get(1), 'net'));
  const [mean, before, now] = [of(after.get(2), 'mean'), of(after.get(1), 'net'), of(after.get(2), 'net')];
  for (const [name, values] of Object.entries(mean)) values.forEach((x, i) => expect(x).toBeCloseTo(((before[name]?.[i] ?? NaN) + (now[name]?.[i] ?? NaN)) / 2, 6));
});

it('the ensemble learns from labels, not from those it teaches', async () => {
  const [heard, unheard] = [await train(await pcl(begin(), full).build()), await train(await pcl(begin(), { ...full, fromTeacher: 0 }).build())];
  expect(of(heard.after.get(1), 'teacher')).toEqual(of(unheard.after.get(1), 'teacher'));
  expect(of(heard.after.get(1), 'teacher')).not.toEqual(of(heard.after.get(2), 'teacher'));
  expect(of(heard.after.get(1), 'net')).not.toEqual(of(unheard.after.get(1), 'net'));
});

it('is one network up to the fork', async () => {
  const { weights } = await train(await pcl(begin(), full).build());
  const owners = Object.keys(of(weights, 'net')).flatMap((name) => (name.endsWith('conv1/kernel') ? [name] : []));
  expect(owners).toEqual(['block1_conv1/kernel', 'a_block2_conv1/kernel', 'b_block2_conv1/kernel']);
});

it('refuses a single peer, and knows its nodes by name', () => {
  expect(() => pcl(begin(), { ...options, peers: ['a'] })).toThrow('concatClassifier: ');
  expectTypeOf(pcl(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'net' | 'mean' | 'a' | 'b' | 'aMean' | 'bMean' | 'teacher'>>();
  const { peers: _, ...three } = options;
  expectTypeOf(pcl(begin(), three).build).returns.resolves.toEqualTypeOf<Run<'net' | 'mean' | 'p1' | 'p2' | 'p3' | 'p1Mean' | 'p2Mean' | 'p3Mean' | 'teacher'>>();
});

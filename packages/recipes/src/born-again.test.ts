import type { Run } from '@codistill/core';
import { crossEntropy } from '@codistill/losses';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, data, of, train } from '../fixtures/trained.ts';
import { bornAgain } from './index.ts';

testOn('cpu');

const network = cnn({ channels: [3, 4] });
const optimizer = sgd({ lr: 0.1, momentum: 0.9 });
const perEpoch = data.train.batches;

it('each generation is taught by the one before, which stays as it was', async () => {
  const { after } = await train(await bornAgain(begin(), { network, epochs: 1, generations: 3, optimizer }).build());
  for (const end of [perEpoch, 2 * perEpoch]) {
    for (const kind of ['parameter', 'buffer']) {
      const parent = of(after.get(end), 'student', kind);
      expect(of(after.get(end + 1), 'teacher', kind)).toEqual(parent);
      expect(of(after.get(end + perEpoch), 'teacher', kind)).toEqual(parent);
    }
  }
});

it('each generation begins anew', async () => {
  // At this rate a step goes nowhere; only another beginning does.
  const { after } = await train(await bornAgain(begin(), { network, epochs: 1, generations: 2, optimizer: sgd({ lr: 1e-6 }) }).build());
  const moved = (from: number, to: number): number => {
    const [before, now] = [of(after.get(from), 'student')['logits/kernel'], of(after.get(to), 'student')['logits/kernel']];
    return Math.max(...(now ?? []).map((x, i) => Math.abs(x - (before?.[i] ?? NaN))));
  };
  expect(moved(1, perEpoch)).toBeLessThan(1e-3);
  expect(moved(perEpoch, perEpoch + 1)).toBeGreaterThan(0.1);
});

it('a single generation is training on labels, bit for bit', async () => {
  const one = await train(await bornAgain(begin(), { network, epochs: 2, generations: 1, optimizer }).build());
  const plain = await train(await begin().students({ student: network }).supervise(crossEntropy()).optimize(optimizer).build(), { epochs: 2 });
  expect(of(one.weights, 'student')).toEqual(of(plain.weights, 'student'));
});

it('refuses to have no generation', () => {
  expect(() => bornAgain(begin(), { network, epochs: 1, generations: -1 })).toThrow('bornAgain: generations must be an integer of at least 1, not -1.');
  expectTypeOf(bornAgain(begin(), { network, epochs: 1 }).build).returns.resolves.toEqualTypeOf<Run<'teacher' | 'student'>>();
});

import type { Run } from '@codistill/core';
import { crossEntropy } from '@codistill/losses';
import { cnn, mlp } from '@codistill/models';
import { mined } from '@codistill/nodes';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, data, of, train, type Trained } from '../fixtures/trained.ts';
import { pasm } from './index.ts';

testOn('cpu');

const network = cnn({ channels: [3, 4] });
const optimizer = sgd({ lr: 0.1, momentum: 0.9 });
const perEpoch = data.train.batches;
const options = { network, epochs: 1, size: 1 / 2, optimizer };

it('the first generation teaches the second, and each student then becomes the teacher, which stays as it is', async () => {
  const { after } = await train(await pasm(begin(), options).build());
  const [first, second, third] = [1, 2, 3].map((generation) => after.get(generation * perEpoch));
  for (const kind of ['parameter', 'buffer']) {
    expect(of(first, 'student', kind)).toEqual(of(after.get(1), 'student', kind));
    expect(of(second, 'teacher', kind)).toEqual(of(first, 'teacher', kind));
    expect(of(third, 'teacher', kind)).toEqual(of(second, 'student', kind));
    expect(of(after.get(2 * perEpoch + 1), 'teacher', kind)).toEqual(of(second, 'student', kind));
  }
});

it('each student begins anew', async () => {
  // At this rate a step goes nowhere; only another beginning does.
  const { after } = await train(await pasm(begin(), { ...options, optimizer: sgd({ lr: 1e-6 }) }).build());
  const moved = (from: number, to: number): number => {
    const [before, now] = [of(after.get(from), 'student')['logits/kernel'], of(after.get(to), 'student')['logits/kernel']];
    return Math.max(...(now ?? []).map((x, i) => Math.abs(x - (before?.[i] ?? NaN))));
  };
  expect(moved(1, 2 * perEpoch)).toBeLessThan(1e-3);
  expect(moved(2 * perEpoch, 2 * perEpoch + 1)).toBeGreaterThan(0.1);
});

describe('without batch norm, where views do not hear of each other', () => {
  const plain = { ...options, network: mlp({ hidden: [6] }), generations: 2, weight: 0 };
  /** The loss of the student's first step. */
  const lossOf = ({ events }: Trained): number => events.flatMap((event) => (event.type === 'step' && event.step === perEpoch + 1 ? [event.losses.nodes['student'] ?? NaN] : []))[0] ?? NaN;

  it('both views are supervised: the loss is the mean of what each alone has', async () => {
    const harderAlone = (size: number) => pasm(begin(), { ...plain, size: 0 }).views({ student: mined({ by: 'teacher', size }) });
    const [easy, hard, both] = [
      lossOf(await train(await pasm(begin(), { ...plain, size: 0 }).build())),
      lossOf(await train(await harderAlone(1 / 2).build())),
      lossOf(await train(await pasm(begin(), plain).build())),
    ];
    expect(Math.abs(hard - easy)).toBeGreaterThan(1e-3);
    expect(both).toBeCloseTo((easy + hard) / 2, 5);
  });

  it('the first teacher learns from the images as they are', async () => {
    const [taught, alone] = [await train(await pasm(begin(), plain).build()), await train(await begin().students({ teacher: plain.network }).supervise(crossEntropy()).optimize(optimizer).build(), { epochs: 1 })];
    for (const [name, values] of Object.entries(of(taught.after.get(perEpoch), 'teacher'))) {
      values.forEach((x, i) => expect(x).toBeCloseTo(of(alone.weights, 'teacher')[name]?.[i] ?? NaN, 6));
    }
  });

  it('what is mined is the teacher\'s choice: another teacher makes another loss of the very same student', async () => {
    const trainedLonger = await train(await pasm(begin(), { ...plain, optimizer: sgd({ lr: 0.5 }) }).build());
    const trained = await train(await pasm(begin(), { ...plain, optimizer: sgd({ lr: 0.001 }) }).build());
    expect(lossOf(trainedLonger)).not.toBeCloseTo(lossOf(trained), 4);
  });
});

it('hears what the teacher says of the original, or of the same view', async () => {
  const heard = async (hears?: 'same') => (await train(await pasm(begin(), { ...options, generations: 2, ...(hears === undefined ? {} : { hears }) }).build())).weights;
  const viewsOf = (hears?: 'same') => pasm(begin(), { ...options, ...(hears === undefined ? {} : { hears }) }).spec().nodes.map(({ name, views }) => [name, views?.map((view) => view.name)]);
  expect(viewsOf()).toEqual([['teacher', ['original', 'original']], ['student', ['original', 'mined']]]);
  expect(viewsOf('same')).toEqual([['teacher', ['original', 'mined']], ['student', ['original', 'mined']]]);
  expect(of(await heard('same'), 'student')).not.toEqual(of(await heard(), 'student'));
});

it('without a square and without a word of the teacher, each is training on labels, bit for bit', async () => {
  const alone = await train(await pasm(begin(), { ...options, generations: 2, size: 0, weight: 0 }).build());
  const plain = await train(await begin().students({ teacher: network }).supervise(crossEntropy()).optimize(optimizer).build(), { epochs: 1 });
  expect(of(alone.after.get(perEpoch), 'teacher')).toEqual(of(plain.weights, 'teacher'));
});

it('refuses what cannot be, and knows its nodes by name', () => {
  expect(() => pasm(begin(), { ...options, generations: 1 })).toThrow('pasm: generations must be an integer of at least 2, not 1.');
  expect(() => pasm(begin(), { ...options, size: 2 })).toThrow('mined: size must be above 0 and at most 1, not 2.');
  expectTypeOf(pasm(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'teacher' | 'student'>>();
});

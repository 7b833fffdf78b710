import type { Run } from '@codistill/core';
import { crossEntropy } from '@codistill/losses';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, data, of, train } from '../fixtures/trained.ts';
import { ctslMkt } from './index.ts';

testOn('cpu');

const net = cnn({ channels: [3, 4] });
const optimizer = sgd({ lr: 0.1 });
const options = { a: net, b: net, epochs: { alone: 1, together: 1 }, optimizer };
const border = data.train.batches;

it('frozen selves are what the peers were when they came together, and stay so', async () => {
  const { after } = await train(await ctslMkt(begin(), options).build());
  for (const kind of ['parameter', 'buffer']) {
    for (const peer of ['a', 'b']) {
      expect(of(after.get(2 * border), `${peer}Alone`, kind)).toEqual(of(after.get(border), peer, kind));
      expect(of(after.get(2 * border), peer, kind)).not.toEqual(of(after.get(border), peer, kind));
    }
  }
});

it('until then each learns from labels alone', async () => {
  const { after } = await train(await ctslMkt(begin(), options).build());
  const plain = await train(await begin().students({ a: net, b: net }).supervise(crossEntropy()).optimize(optimizer).build(), { epochs: 1 });
  for (const peer of ['a', 'b']) expect(of(after.get(border), peer)).toEqual(of(plain.weights, peer));
});

it.each(['distances', 'angles', 'predictions', 'self'] as const)('%s: a weight of 0 leaves it out, and it matters', async (knob) => {
  const [all, without] = [ctslMkt(begin(), options), ctslMkt(begin(), { ...options, [knob]: 0 })];
  expect(all.spec().edges.length - without.spec().edges.length).toBe(2);
  const [heard, unheard] = [await train(await all.build()), await train(await without.build())];
  expect(of(heard.weights, 'a')).not.toEqual(of(unheard.weights, 'a'));
});

it('knows its nodes by name', () => {
  expectTypeOf(ctslMkt(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'a' | 'b' | 'aAlone' | 'bAlone'>>();
});

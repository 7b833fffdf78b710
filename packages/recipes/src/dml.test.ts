import type { Run } from '@codistill/core';
import { crossEntropy } from '@codistill/losses';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, of, train } from '../fixtures/trained.ts';
import { dml } from './index.ts';

testOn('cpu');

const net = cnn({ channels: [3, 4] });
const optimizer = sgd({ lr: 0.1, momentum: 0.9 });

it('of one is training on labels, bit for bit, in every order', async () => {
  const plain = await train(await begin().students({ a: net }).supervise(crossEntropy()).optimize(optimizer).build());
  for (const order of ['simultaneous', 'stale', 'refreshed'] as const) {
    const alone = await train(await dml(begin(), { students: { a: net }, order, optimizer }).build());
    expect(alone.weights).toEqual(plain.weights);
  }
});

it('stale is simultaneous; refreshed, the second peer hears the first as it has just become', async () => {
  const firstStep = async (order: 'simultaneous' | 'stale' | 'refreshed') =>
    (await train(await dml(begin(), { students: { a: net, b: net }, order, optimizer }).build())).after.get(1);
  const [simultaneous, stale, refreshed] = [await firstStep('simultaneous'), await firstStep('stale'), await firstStep('refreshed')];
  expect(stale).toEqual(simultaneous);
  expect(of(refreshed, 'a')).toEqual(of(simultaneous, 'a'));
  expect(of(refreshed, 'b')).not.toEqual(of(simultaneous, 'b'));
});

it('hears the mean of its peers, or their sum', () => {
  const scales = (reduce?: 'mean' | 'sum') =>
    dml(begin(), { students: { a: net, b: net, c: net }, ...(reduce === undefined ? {} : { reduce }), optimizer })
      .spec()
      .edges.filter(({ from }) => from !== 'labels')
      .map(({ scale }) => scale);
  expect(scales()).toEqual(Array(6).fill(0.5));
  expect(scales('sum')).toEqual(Array(6).fill(1));
  expectTypeOf(dml(begin(), { students: { a: net, b: net } }).build).returns.resolves.toEqualTypeOf<Run<'a' | 'b'>>();
});

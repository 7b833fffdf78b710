import type { Run } from '@codistill/core';
import { crossEntropy, kd } from '@codistill/losses';
import { cnn } from '@codistill/models';
import { attentive, output } from '@codistill/nodes';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, of, train } from '../fixtures/trained.ts';
import { okddip } from './index.ts';

testOn('cpu');

const network = cnn({ channels: [3, 4] });
const optimizer = sgd({ lr: 0.1 });
const options = { network, peers: ['a', 'b'], from: 'block1', reduce: 2, optimizer } as const;
const heard = { ...options, weight: 1 } as const;

it.each([false, true])('the attention learns, through the targets it makes and nothing else (networks apart: %s)', async (apart) => {
  const { after } = await train(await okddip(begin(), { ...heard, apart }).build(), { epochs: 1 });
  const [then, now] = [of(after.get(1), 'attention'), of(after.get(2), 'attention')];
  expect(Object.keys(now).sort()).toEqual(['key', 'query']);
  for (const name of ['query', 'key']) expect(now[name]).not.toEqual(then[name]);
  const { edges } = okddip(begin(), { ...heard, apart }).spec();
  expect(edges.flatMap(({ from, to, gradient }) => (from === 'labels' ? [`labels -> ${to}`] : [`${from} -> ${to} ${gradient}`]))).toEqual([
    'labels -> a', 'labels -> b', 'labels -> leader', 'aTarget -> a both', 'bTarget -> b both', 'mean -> leader both',
  ]);
  // One network up to the fork, or as many as there are names.
  const classifiers = Object.keys(after.get(1) ?? {}).filter((name) => /\/parameter\/(\w+_)?logits\/kernel$/.test(name));
  expect(classifiers).toEqual(['a', 'b', 'leader'].map((name) => (apart ? `node/${name}/parameter/logits/kernel` : `node/net/parameter/${name}_logits/kernel`)));
});

it('the leader\'s loss moves the peers it hears, as nothing is detached', async () => {
  const { after } = await train(await okddip(begin(), { ...heard, apart: true }).build(), { epochs: 1 });
  const withoutLeaderHearing = await train(
    await begin()
      .students({ a: network, b: network, leader: network })
      .node('attention', attentive({ of: ['a', 'b'], at: 'pooled', reduce: 2 }))
      .node('aTarget', output({ of: 'attention', emit: { logits: 'tap:a/target' } }))
      .node('bTarget', output({ of: 'attention', emit: { logits: 'tap:b/target' } }))
      .supervise(crossEntropy())
      .edge(kd({ temperature: 3 }), { from: 'aTarget', to: 'a', gradient: 'both' })
      .edge(kd({ temperature: 3 }), { from: 'bTarget', to: 'b', gradient: 'both' })
      .optimize(optimizer)
      .build(),
    { epochs: 1 },
  );
  const [together, alone] = [after.get(1), withoutLeaderHearing.after.get(1)];
  expect(of(together, 'attention')).toEqual(of(alone, 'attention'));
  for (const node of ['a', 'b', 'leader']) expect(of(together, node)).not.toEqual(of(alone, node));
});

it('apart and unheard, each is a network that learns from labels, bit for bit', async () => {
  const silent = okddip(begin(), { ...options, apart: true, weight: 0 });
  const plain = begin().students({ a: network, b: network, leader: network }).supervise(crossEntropy()).optimize(optimizer);
  const [one, other] = [await train(await silent.build()), await train(await plain.build())];
  for (const node of ['a', 'b', 'leader']) expect(of(one.weights, node)).toEqual(of(other.weights, node));
});

it('refuses a single peer, and knows its nodes by name', () => {
  expect(() => okddip(begin(), { ...heard, peers: ['a'] })).toThrow('attentive: ');
  type Heard = 'attention' | 'aTarget' | 'bTarget';
  expectTypeOf(okddip(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'net' | 'a' | 'b' | 'leader' | 'mean' | Heard>>();
  expectTypeOf(okddip(begin(), { ...options, apart: true }).build).returns.resolves.toEqualTypeOf<Run<'a' | 'b' | 'leader' | 'mean' | Heard>>();
  expectTypeOf(okddip(begin(), { ...options, weight: 0 }).build).returns.resolves.toEqualTypeOf<Run<'net' | 'a' | 'b' | 'leader' | 'mean'>>();
});

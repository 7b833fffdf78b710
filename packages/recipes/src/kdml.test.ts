import { key, type Run } from '@codistill/core';
import { crossEntropy, kd } from '@codistill/losses';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, of, train } from '../fixtures/trained.ts';
import { type KdmlArm, type KdmlPair, kdml, kdmlPair, kdmlPresets } from './index.ts';

testOn('cpu');

const teacher = cnn({ channels: [4, 6] });
const student = cnn({ channels: [3, 4] });
const students = { a: student, b: student };
const optimizer = sgd({ lr: 0.1, momentum: 0.9 });
const usual = { teacher, students, optimizer };

it('is the chain one would write by hand, bit for bit', async () => {
  const byHand = begin()
    .teacher(teacher)
    .students(students)
    .supervise(crossEntropy())
    .distill(kd({ temperature: 4 }))
    .mutual(kd(), { weight: 0.5 })
    .optimize(optimizer);
  const composed = kdml(begin(), { ...usual, temperature: 4, fromPeers: 0.5 });
  expect((await train(await composed.build())).weights).toEqual((await train(await byHand.build())).weights);
});

it('an arm is the same as its weights at 0, bit for bit', async () => {
  const trained = async (options: { arm?: KdmlArm; fromTeacher?: number; fromPeers?: number }) => (await train(await kdml(begin(), { ...usual, ...options }).build())).weights;
  const [ml, mute, ce, alone] = [await trained({ arm: 'ml' }), await trained({ fromTeacher: 0 }), await trained({ arm: 'ce' }), await trained({ fromTeacher: 0, fromPeers: 0 })];
  for (const name of ['a', 'b']) {
    expect(of(ml, name)).toEqual(of(mute, name));
    expect(of(ce, name)).toEqual(of(alone, name));
    expect(of(ce, name)).not.toEqual(of(ml, name));
  }
  expect(await trained({ arm: 'kd' })).toEqual(await trained({ fromPeers: 0 }));
  // Students never move the teacher.
  expect(of(mute, 'teacher')).toEqual(of(await trained({}), 'teacher'));
  expect(of(ce, 'a')).not.toEqual(of(ce, 'b'));
});

it('hears nobody where there is one student', () => {
  const edges = (arm: KdmlArm) => kdml(begin(), { ...usual, students: { only: student }, arm }).spec().edges;
  expect(edges('kd+ml')).toEqual(edges('kd'));
});

it('offline, the teacher stays as it is', async () => {
  const { after, weights } = await train(await kdml(begin(), { ...usual, arm: 'offline kd' }).build());
  expect(of(weights, 'teacher')).toEqual(of(after.get(1), 'teacher'));
  expect(of(weights, 'teacher', 'buffer')).toEqual(of(after.get(1), 'teacher', 'buffer'));
});

it('has the teacher in the arms in which somebody listens to it', () => {
  const names = (arm: KdmlArm) => kdml(begin(), { ...usual, arm, ...kdmlPresets.mostlyTaught }).spec().nodes.map(({ name }) => name);
  expect((['ce', 'kd', 'ml', 'kd+ml', 'offline kd'] as const).map((arm) => names(arm).includes('teacher'))).toEqual([false, true, false, true, true]);
  const arms = { both: kdml(begin(), usual), ce: kdml(begin(), { ...usual, arm: 'ce' }) };
  expectTypeOf(arms.both.build).returns.resolves.toEqualTypeOf<Run<'teacher' | 'a' | 'b'>>();
  expectTypeOf(arms.ce.build).returns.resolves.toEqualTypeOf<Run<'a' | 'b'>>();
});

it('three pairs of networks, of growing contrast', () => {
  const sizeOf = (model: KdmlPair['student']): number => {
    const network = model.build({ input: [32, 32, 3], classes: 10 }, key(1));
    const size = Object.values(network.parameters).reduce((sum, parameter) => sum + parameter.size, 0);
    network.dispose();
    return size;
  };
  const sizes = (['near', 'far', 'foreign'] as const).map((version) => sizeOf(kdmlPair(version).student));
  expect([sizeOf(kdmlPair('near').teacher), ...sizes]).toEqual([272474, 175258, 19954, 7682]);
});

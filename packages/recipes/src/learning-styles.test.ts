import { printSpec, type Run } from '@codistill/core';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, of, train } from '../fixtures/trained.ts';
import { type Exchange, exchanges, kdml, learningStyles } from './index.ts';

testOn('cpu');

const teacher = cnn({ channels: [4, 6] });
const student = cnn({ channels: [3, 4] });
const optimizer = sgd({ lr: 0.1 });
const usual = { teacher, reader: student, watcher: student, optimizer };
const silent: Exchange = { teacher: { reader: 'none', watcher: 'none' }, reader: { watcher: 'none' }, watcher: { reader: 'none' } };

const told = (exchange: Exchange): readonly string[] => printSpec(learningStyles(begin(), { ...usual, exchange }).spec()).split('\n').filter((line) => !line.startsWith('labels'));
const fromTeacher = ['teacher -kd(temperature=1)-> reader', 'teacher -hint(at=last, project=true)-> watcher'];

it('A: each hands on what it learnt by', () => {
  expect(told(exchanges.ownStyle)).toEqual([...fromTeacher, 'watcher -hint(at=last, project=true)-> reader', 'reader -kd(temperature=1)-> watcher']);
});

it('B: both hand on both', () => {
  expect(told(exchanges.bothWays)).toEqual([
    ...fromTeacher,
    'watcher -kd(temperature=1)-> reader',
    'watcher -hint(at=last, project=true)-> reader',
    'reader -kd(temperature=1)-> watcher',
    'reader -hint(at=last, project=true)-> watcher',
  ]);
});

it('C: both hand on predictions', () => {
  expect(told(exchanges.predictionsOnly)).toEqual([...fromTeacher, 'watcher -kd(temperature=1)-> reader', 'reader -kd(temperature=1)-> watcher']);
});

it('with predictions everywhere it is knowledge distillation with mutual learning, bit for bit', async () => {
  const exchange: Exchange = { teacher: { reader: 'pred', watcher: 'pred' }, reader: { watcher: 'pred' }, watcher: { reader: 'pred' } };
  const styles = await train(await learningStyles(begin(), { ...usual, exchange }).build());
  const peers = await train(await kdml(begin(), { teacher, students: { reader: student, watcher: student }, optimizer }).build());
  for (const node of ['teacher', 'reader', 'watcher']) expect(of(styles.weights, node)).toEqual(of(peers.weights, node));
});

it('features reach the one who watches, and nobody else', async () => {
  const after = async (exchange: Exchange) => (await train(await learningStyles(begin(), { ...usual, exchange }).build())).after.get(1);
  const [watching, alone] = [await after({ ...silent, teacher: { reader: 'none', watcher: 'feat' } }), await after(silent)];
  const kernels = [watching, alone].map((weights) => of(weights, 'watcher')['block1_conv1/kernel']);
  expect(kernels[0]).toBeInstanceOf(Float32Array);
  expect(kernels[0]).not.toEqual(kernels[1]);
  for (const node of ['teacher', 'reader']) expect(of(watching, node)).toEqual(of(alone, node));
});

it('knows its nodes by name', () => {
  expectTypeOf(learningStyles(begin(), usual).build).returns.resolves.toEqualTypeOf<Run<'teacher' | 'reader' | 'watcher'>>();
});

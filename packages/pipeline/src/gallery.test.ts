import type { Evaluation, Run, Spec } from '@codistill/core';
import { printSpec } from '@codistill/core';
import { expectTypeOf } from 'expect-type';
import { graphIn, pipeline } from '../fixtures/engine.ts';
import {
  adopt,
  augment,
  cells,
  cifar100,
  crossEntropy,
  crowd,
  csrnet,
  densityKd,
  densityMse,
  fcos,
  focal,
  folder,
  hint,
  kd,
  meanProbabilities,
  mixture,
  pixelCrossEntropy,
  polyps,
  rampUp,
  resnet,
  sgd,
  unet,
} from '../fixtures/nouns.ts';

// Systems of the literature as they read in a chain. Composing them is the test of the types as well: this file compiles.

describe('knowledge distillation and mutual learning, online (arXiv 2110.11023)', () => {
  const chain = pipeline(cifar100())
    .teacher(resnet({ depth: 20 }))
    .students({ a: resnet({ depth: 8 }), b: resnet({ depth: 8 }) })
    .supervise(crossEntropy())
    .distill(kd({ temperature: 4 }), { weight: rampUp({ epochs: 5 }) })
    .mutual(kd())
    .optimize(sgd({ lr: 0.1 }))
    .ensemble(meanProbabilities());

  it('prints one edge a line', () => {
    expect(printSpec(chain.spec())).toBe(
      [
        'labels -crossEntropy-> teacher',
        'labels -crossEntropy-> a',
        'labels -crossEntropy-> b',
        'teacher -kd(temperature=4)×rampUp(epochs=5)-> a',
        'teacher -kd(temperature=4)×rampUp(epochs=5)-> b',
        'b -kd(temperature=1)-> a',
        'a -kd(temperature=1)-> b',
      ].join('\n'),
    );
  });

  it('knows its nodes by name in what it returns', async () => {
    const run = await chain.build();
    expectTypeOf(chain.spec).returns.toEqualTypeOf<Spec>();
    expectTypeOf(run).toEqualTypeOf<Run<'teacher' | 'a' | 'b'>>();
    expectTypeOf<Parameters<typeof run.predict>[1]>().toEqualTypeOf<'teacher' | 'a' | 'b' | 'ensemble' | undefined>();
    expectTypeOf(run.evaluate).returns.resolves.toEqualTypeOf<Evaluation<'teacher' | 'a' | 'b'>>();
    expectTypeOf<Awaited<ReturnType<typeof run.evaluate>>['nodes']>().not.toHaveProperty('c');
    expect(Object.keys(graphIn(run).models)).toEqual(['teacher', 'a', 'b']);
  });
});

it('learning styles (arXiv 2212.02931): two students, each its own source', () => {
  const spec = pipeline(folder(7))
    .teacher(resnet({ depth: 20 }))
    .students({ reader: resnet({ depth: 8 }), watcher: resnet({ depth: 8 }) })
    .supervise(crossEntropy())
    .distill(kd(), { to: ['reader'] })
    .distill(hint({ at: 'stage3' }), { to: 'watcher' })
    .edge(hint({ at: 'stage3' }), { from: 'watcher', to: 'reader' })
    .edge(kd(), { from: 'reader', to: 'watcher', gradient: 'both' })
    .optimize({ default: sgd({ lr: 0.1 }), reader: sgd({ lr: 0.05 }) })
    .spec();
  expect(printSpec(spec).split('\n').slice(3)).toEqual([
    'teacher -kd(temperature=1)-> reader',
    'teacher -hint(at=stage3)-> watcher',
    'watcher -hint(at=stage3)-> reader',
    'reader -kd(temperature=1)-> watcher  gradient both',
  ]);
  expect(Object.entries(spec.optimizers).map(([node, { options }]) => [node, options['lr']])).toEqual([
    ['teacher', 0.1],
    ['reader', 0.05],
    ['watcher', 0.1],
  ]);
});

it('several frozen teachers and their mixture, in stages (arXiv 2103.04062)', () => {
  const spec = pipeline(cifar100())
    .teachers({ t1: resnet({ depth: 32 }), t2: resnet({ depth: 56 }) }, { frozen: true })
    .students({ s: adopt({ classes: 100, taps: ['stage2'] }) })
    .node('mix', mixture({ of: ['t1', 't2'] }))
    .stages([
      { name: 'adapter', epochs: 80 },
      { name: 'student', epochs: 200, freeze: ['t1'] },
    ])
    .supervise(crossEntropy())
    .distill(kd({ temperature: 5 }), { from: 'mix' })
    .distill(hint({ at: 'stage2' }), { from: 't1', when: 'adapter' })
    .optimize(sgd({ lr: 0.1 }))
    .spec();
  expect(printSpec(spec)).toBe(
    ['labels -crossEntropy-> s', 'mix -kd(temperature=5)-> s', 't1 -hint(at=stage2)-> s  when adapter'].join('\n'),
  );
  expect(Object.keys(spec.optimizers)).toEqual(['s']);
  expect(spec.nodes.find(({ name }) => name === 'mix')).toMatchObject({ role: 'derived', of: ['t1', 't2'], frozen: false });
  expect(spec.stages).toEqual([
    { name: 'adapter', epochs: 80, freeze: [] },
    { name: 'student', epochs: 200, freeze: ['t1'] },
  ]);
});

it('peers with views of their own and a supervised ensemble node (arXiv 2006.04147)', () => {
  const spec = pipeline(cifar100())
    .students({ p1: resnet({ depth: 32 }), p2: resnet({ depth: 32 }), p3: resnet({ depth: 32 }) })
    .node('joint', mixture({ of: ['p1', 'p2', 'p3'] }))
    .views({ p1: augment(), p2: augment() })
    .supervise(crossEntropy())
    .supervise(crossEntropy(), { to: ['joint'] })
    .edge(kd({ temperature: 3 }), { from: 'joint', to: ['p1', 'p2', 'p3'], weight: rampUp({ epochs: 80 }) })
    .optimize(sgd({ lr: 0.1 }))
    .spec();
  expect(spec.nodes.map(({ name, views }) => [name, views?.[0]?.name])).toEqual([
    ['p1', 'augment'],
    ['p2', 'augment'],
    ['p3', undefined],
    ['joint', undefined],
  ]);
  expect(spec.edges.map(({ id }) => id)).toContain('labels-crossEntropy-joint');
});

it('a student that learns through a derived node only', () => {
  const chain = pipeline(cifar100())
    .teacher(resnet({ depth: 44 }), { frozen: true })
    .students({ s: resnet({ depth: 8 }) })
    .node('hybrid', mixture({ of: ['teacher', 's'] }))
    .supervise(crossEntropy(), { to: ['hybrid'] })
    .optimize(sgd({ lr: 0.1 }));
  expect(printSpec(chain.spec())).toBe('labels -crossEntropy-> hybrid');
});

it('other tasks: masks, boxes, density maps', () => {
  const lines = [
    pipeline(cells()).teacher(unet()).students({ a: unet() }).supervise(pixelCrossEntropy()).distill(kd()).optimize(sgd({ lr: 0.1 })).spec(),
    pipeline(polyps()).teacher(fcos({ depth: 20 })).students({ a: fcos({ depth: 8 }) }).supervise(focal()).distill(kd()).optimize(sgd({ lr: 0.1 })).spec(),
    pipeline(crowd())
      .teacher(csrnet(), { frozen: true })
      .students({ quarter: csrnet({ channels: 0.25 }) })
      .supervise(densityMse())
      .distill(densityKd())
      .optimize(sgd({ lr: 0.1 }))
      .spec(),
  ].map((spec) => [spec.task.kind, spec.edges.map(({ id }) => id)]);
  expect(lines).toEqual([
    ['mask', ['labels-pixelCrossEntropy-teacher', 'labels-pixelCrossEntropy-a', 'teacher-kd-a']],
    ['boxes', ['labels-focal-teacher', 'labels-focal-a', 'teacher-kd-a']],
    ['density', ['labels-densityMse-quarter', 'teacher-densityKd-quarter']],
  ]);
});

it('what the compiler cannot know passes, and the run time looks again', () => {
  const count = Number('10');
  const tap = ['poo', 'led'].join('');
  const students = Object.fromEntries(['x', 'y'].map((name) => [name, resnet({ depth: 8 })]));
  const chain = pipeline(folder(count)).students(students);
  expect(() => chain.students({ ten: adopt({ classes: count + 1 }) })).toThrow("student 'ten' has 11 classes but the data has 10");
  expect(chain.supervise(crossEntropy()).mutual(hint({ at: tap })).optimize(sgd({ lr: 0.1 })).spec().edges).toHaveLength(4);
  expect(() => chain.mutual(hint({ at: `${tap}!` }))).toThrow("loss 'hint' reads 'tap:pooled!' but 'x' does not emit it");
});

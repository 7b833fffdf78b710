import { toMermaid } from '@codistill/core';
import { pipeline } from '../fixtures/engine.ts';
import { augment, cifar100, crossEntropy, kd, meanProbabilities, rampUp, resnet, sgd } from '../fixtures/nouns.ts';

const base = pipeline(cifar100())
  .teacher(resnet({ depth: 20 }))
  .students({ a: resnet({ depth: 8 }), b: resnet({ depth: 8 }) })
  .supervise(crossEntropy())
  .optimize(sgd({ lr: rampUp({ epochs: 5 }) }));

const main = base.distill(kd({ temperature: 4 }), { weight: 0.5 }).mutual(kd()).views({ a: augment() }).ensemble(meanProbabilities());

const isDeeplyFrozen = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen));

describe('the spec', () => {
  it('is the whole graph as data', () => {
    const spec = main.spec();
    expect(spec).toMatchObject({
      format: 'codistill/spec/1',
      task: { kind: 'class', classes: 100 },
      data: { package: 'local', name: 'cifar100', options: {} },
      input: [32, 32, 3],
      stages: [],
      ensemble: { part: { package: 'local', name: 'meanProbabilities', options: {} }, of: ['a', 'b'] },
    });
    expect(spec.nodes).toEqual([
      { name: 'teacher', role: 'teacher', part: { package: 'local', name: 'resnet', options: { depth: 20 } }, frozen: false },
      {
        name: 'a',
        role: 'student',
        part: { package: 'local', name: 'resnet', options: { depth: 8 } },
        frozen: false,
        views: [{ package: 'local', name: 'augment', options: {} }],
      },
      { name: 'b', role: 'student', part: { package: 'local', name: 'resnet', options: { depth: 8 } }, frozen: false },
    ]);
    expect(spec.edges.at(3)).toEqual({
      id: 'teacher-kd-a',
      term: { package: 'local', name: 'kd', options: { temperature: 4 } },
      from: 'teacher',
      to: 'a',
      weight: 0.5,
      scale: 1,
      gradient: 'to',
      when: [],
    });
    expect(spec.optimizers['a']?.options['lr']).toEqual({ package: 'local', name: 'rampUp', options: { epochs: 5 } });
  });

  it('survives JSON unchanged', () => {
    expect(JSON.parse(JSON.stringify(main.spec()))).toEqual(main.spec());
  });

  it('is frozen through and through, and freezes nothing of the user', () => {
    const when = ['one'] as 'one'[];
    const chain = pipeline(cifar100())
      .students({ a: resnet({ depth: 8 }) })
      .stages([{ name: 'one', epochs: 1 }])
      .supervise(crossEntropy(), { when })
      .optimize(sgd({ lr: 0.1 }));
    expect(isDeeplyFrozen(main.spec())).toBe(true);
    expect(isDeeplyFrozen(chain.spec())).toBe(true);
    expect(Object.isFrozen(when)).toBe(false);
  });

  it('draws itself', () => {
    expect(toMermaid(main.spec())).toBe(
      [
        'flowchart LR',
        '  labels((labels))',
        '  n0[["teacher<br/>resnet(depth=20)"]]',
        '  n1["a<br/>resnet(depth=8)<br/>sees augment"]',
        '  n2["b<br/>resnet(depth=8)"]',
        '  labels -->|"crossEntropy"| n0',
        '  labels -->|"crossEntropy"| n1',
        '  labels -->|"crossEntropy"| n2',
        '  n0 -->|"kd(temperature=4)×0.5"| n1',
        '  n0 -->|"kd(temperature=4)×0.5"| n2',
        '  n2 -->|"kd(temperature=1)"| n1',
        '  n1 -->|"kd(temperature=1)"| n2',
      ].join('\n'),
    );
  });

  it('numbers edges that would have one id', () => {
    const twice = base.distill(kd(), { to: 'a' }).distill(kd({ temperature: 4 }), { to: 'a' }).distill(kd({ temperature: 8 }), { to: 'a' });
    expect(twice.spec().edges.slice(3).map(({ id }) => id)).toEqual(['teacher-kd-a', 'teacher-kd-a#2', 'teacher-kd-a#3']);
  });
});

describe('a chain', () => {
  it('is never changed: a prefix continues in several ways', () => {
    const before = base.spec();
    const [distilled, mutual] = [base.distill(kd()), base.mutual(kd())];
    base.optimize(sgd({ lr: 1 })).views({ b: augment() }).ensemble(meanProbabilities());
    expect(base.spec()).toEqual(before);
    expect(distilled.spec().edges.slice(3).map(({ id }) => id)).toEqual(['teacher-kd-a', 'teacher-kd-b']);
    expect(mutual.spec().edges.slice(3).map(({ id }) => id)).toEqual(['b-kd-a', 'a-kd-b']);
    expect(Object.isFrozen(base)).toBe(true);
  });

  it('hands itself to a function', () => {
    const ablation = base.use((chain) => ({ ce: chain, kd: chain.distill(kd()) }));
    expect(ablation.ce.spec()).toEqual(base.spec());
    expect(ablation.kd.spec().edges).toHaveLength(5);
  });

  it('takes optimizers, views and the ensemble in any order, the later one for a node', () => {
    const early = pipeline(cifar100())
      .optimize(sgd({ lr: 0.1 }))
      .ensemble(meanProbabilities())
      .students({ a: resnet({ depth: 8 }) })
      .optimize({ a: sgd({ lr: 0.2 }) })
      .students({ b: resnet({ depth: 8 }) })
      .views({ a: augment() })
      .views({ b: augment() })
      .supervise(crossEntropy());
    const { optimizers, ensemble, nodes } = early.spec();
    expect(nodes.map(({ views }) => views?.[0]?.name)).toEqual(['augment', 'augment']);
    expect([optimizers['a']?.options, optimizers['b']?.options]).toEqual([{ lr: 0.2 }, { lr: 0.1 }]);
    expect(ensemble?.of).toEqual(['a', 'b']);
  });
});

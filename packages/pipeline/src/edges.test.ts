import fc from 'fast-check';
import { graphIn, pipeline } from '../fixtures/engine.ts';
import { cifar100, crossEntropy, kd, rampUp, resnet, sgd } from '../fixtures/nouns.ts';

const net = resnet({ depth: 8 });
const group = (count: number) =>
  pipeline(cifar100())
    .students(Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, net])))
    .supervise(crossEntropy())
    .optimize(sgd({ lr: 0.1 }));

const three = pipeline(cifar100()).teacher(net).students({ a: net, b: net, c: net }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 }));

type Chain = Pick<typeof three, 'spec'>;
const ends = (chain: Chain): readonly string[] => chain.spec().edges.filter(({ from }) => from !== 'labels').map(({ from, to }) => `${from}>${to}`);

describe('mutual', () => {
  it('is every ordered pair once, and each peer hears the others with a total of 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), (count) => {
        const edges = group(count).mutual(kd()).spec().edges.filter(({ from }) => from !== 'labels');
        expect(edges).toHaveLength(count * (count - 1));
        expect(new Set(edges.map(({ id }) => id)).size).toBe(edges.length);
        expect(edges.every(({ from, to, scale }) => from !== to && scale === 1 / (count - 1))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('sums where asked to', () => {
    const edges = group(4).mutual(kd(), { reduce: 'sum', weight: 0.5 }).spec().edges.slice(4);
    expect(edges.every(({ scale, weight }) => scale === 1 && weight === 0.5)).toBe(true);
  });

  it('is among those named', () => {
    expect(ends(three.mutual(kd(), { among: ['a', 'c'] }))).toEqual(['c>a', 'a>c']);
    expect(ends(three.mutual(kd(), { among: ['teacher', 'b'] }))).toEqual(['b>teacher', 'teacher>b']);
    expect(ends(three.mutual(kd(), { among: ['a', 'a', 'b'] }))).toEqual(['b>a', 'a>b']);
  });

  it('of one peer is nothing', () => {
    expect(group(1).mutual(kd()).spec()).toEqual(group(1).spec());
  });
});

describe('distill', () => {
  it('is each teacher to each student', () => {
    const chain = pipeline(cifar100()).teachers({ t: net, u: net }).students({ a: net, b: net }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 }));
    expect(ends(chain.distill(kd()))).toEqual(['t>a', 't>b', 'u>a', 'u>b']);
    expect(ends(chain.distill(kd(), { from: 'u' }))).toEqual(['u>a', 'u>b']);
    expect(ends(chain.distill(kd(), { to: ['b'] }))).toEqual(['t>b', 'u>b']);
  });

  it('from a student is to all other students', () => {
    expect(ends(three.distill(kd(), { from: 'b' }))).toEqual(['b>a', 'b>c']);
  });
});

describe('supervise', () => {
  it('is labels to every node that learns', () => {
    const frozen = pipeline(cifar100()).teacher(net, { frozen: true }).students({ a: net }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 }));
    expect(frozen.spec().edges.map(({ to }) => to)).toEqual(['a']);
    expect(frozen.spec().nodes.map((node) => node.frozen)).toEqual([true, false]);
    expect(three.spec().edges.map(({ from, to }) => `${from}>${to}`)).toEqual(['labels>teacher', 'labels>a', 'labels>b', 'labels>c']);
  });
});

describe('edge', () => {
  it('is each source to each target, with its gradient and its stages', () => {
    const chain = pipeline(cifar100())
      .students({ a: net, b: net, c: net })
      .stages([
        { name: 'one', epochs: 1 },
        { name: 'two', epochs: 2 },
      ])
      .supervise(crossEntropy())
      .edge(kd(), { from: ['a', 'b'], to: 'c', gradient: 'both', when: ['two'] })
      .edge(kd(), { from: 'a', to: ['b', 'c'], gradient: 'from', when: 'one' })
      .optimize(sgd({ lr: 0.1 }));
    expect(chain.spec().edges.slice(3).map(({ from, to, gradient, when }) => [from, to, gradient, ...when])).toEqual([
      ['a', 'c', 'both', 'two'],
      ['b', 'c', 'both', 'two'],
      ['a', 'b', 'from', 'one'],
      ['a', 'c', 'from', 'one'],
    ]);
  });

  it('may train its source with a frozen target', () => {
    const chain = pipeline(cifar100())
      .teacher(net, { frozen: true })
      .students({ a: net })
      .edge(kd(), { from: 'a', to: 'teacher', gradient: 'from' })
      .optimize(sgd({ lr: 0.1 }));
    expect(ends(chain)).toEqual(['a>teacher']);
  });
});

describe('a weight', () => {
  it('of the constant 0 leaves no edge: the graph is that of plain training', () => {
    const off = three.distill(kd(), { weight: 0 }).mutual(kd(), { weight: -0 });
    expect(off.spec()).toEqual(three.spec());
  });

  it('that is a schedule stays, whatever it gives', async () => {
    const weight = rampUp({ epochs: 5 });
    const graph = graphIn(await three.distill(kd(), { weight }).build());
    expect(graph.edges).toHaveLength(7);
    expect(graph.edges.at(-1)?.weight).toBe(weight);
    expect(graph.spec.edges.at(-1)?.weight).toEqual({ package: 'local', name: 'rampUp', options: { epochs: 5 } });
  });
});

describe('the graph', () => {
  it('holds the values that the spec describes, in its order', async () => {
    const [term, optimizer] = [kd(), sgd({ lr: 0.5 })];
    const chain = three.mutual(term).optimize({ a: optimizer });
    const graph = graphIn(await chain.build());
    expect(graph.spec).toEqual(chain.spec());
    expect(graph.edges.map((edge) => edge.term.name)).toEqual(graph.spec.edges.map((edge) => edge.term.name));
    expect(graph.edges.at(-1)?.term).toBe(term);
    expect(graph.models['a']).toBe(net);
    expect(graph.optimizers['a']).toBe(optimizer);
    expect(Object.keys(graph.optimizers)).toEqual(Object.keys(graph.spec.optimizers));
    expect([graph.derived, graph.views, graph.ensembler]).toEqual([{}, {}, null]);
  });
});

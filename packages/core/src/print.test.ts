import type { Json } from './json.ts';
import { printPart, printSpec, printWeight } from './print.ts';
import type { EdgeSpec, PartSpec, Spec } from './spec.ts';

const part = (name: string, options: { readonly [option: string]: Json } = {}): PartSpec => ({ package: '@codistill/x', name, options });
const cosine = { package: '@codistill/schedulers', name: 'cosine', options: { from: 8, to: 2 } };

const edge = (change: Partial<EdgeSpec> = {}): EdgeSpec => ({
  id: 'teacher-kd-small',
  term: part('kd', { temperature: 4 }),
  from: 'teacher',
  to: 'small',
  weight: 1,
  scale: 1,
  gradient: 'to',
  when: [],
  ...change,
});

describe('printPart', () => {
  it.each([
    ['crossEntropy', part('crossEntropy')],
    ['kd(temperature=4)', part('kd', { temperature: 4 })],
    ['kd(temperature=cosine(from=8, to=2))', part('kd', { temperature: cosine })],
    ['hint(at=block1, project=true)', part('hint', { at: 'block1', project: true })],
    ['x(at=[block1, block2], sizes=[1, [2, 3]], none=null)', part('x', { at: ['block1', 'block2'], sizes: [1, [2, 3]], none: null })],
    ['join(of=[cosine(from=8, to=2), constant], epochs=[5])', part('join', { of: [cosine, { package: 'p', name: 'constant', options: {} }], epochs: [5] })],
    ['x(of={"a":1})', part('x', { of: { a: 1 } })],
  ])('%s', (text, value) => {
    expect(printPart(value)).toBe(text);
  });
});

describe('printWeight', () => {
  it.each([
    ['', { weight: 1, scale: 1 }],
    ['×0.5', { weight: 0.5, scale: 1 }],
    ['×0', { weight: 0, scale: 1 }],
    ['×rampUp(epochs=5)', { weight: part('rampUp', { epochs: 5 }), scale: 1 }],
    ['×1/3', { weight: 1, scale: 1 / 3 }],
    ['×0.5×1/3', { weight: 0.5, scale: 1 / 3 }],
  ])("'%s'", (text, value) => {
    expect(printWeight(value)).toBe(text);
  });
});

describe('printSpec', () => {
  it('prints one edge a line', () => {
    const spec: Pick<Spec, 'edges'> = {
      edges: [
        edge({ from: 'labels', term: part('crossEntropy') }),
        edge({ weight: 0.5 }),
        edge({ from: 'a', to: 'b', term: part('mutualKl'), scale: 0.5, gradient: 'both', when: ['alone', 'together'] }),
        edge({ from: 'labels', term: part('crossEntropy'), phase: 'exam' }),
      ],
    };
    expect(printSpec(spec as Spec)).toBe(
      ['labels -crossEntropy-> small', 'teacher -kd(temperature=4)×0.5-> small', 'a -mutualKl×1/2-> b  gradient both  when alone, together', 'labels -crossEntropy-> small  in phase exam'].join('\n'),
    );
  });
});

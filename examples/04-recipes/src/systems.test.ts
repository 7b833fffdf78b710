import { blobs } from '@codistill/testkit';
import { type Spec, pipeline, recipes } from 'codistill';
import { systems } from './systems.ts';

it('every recipe is here', () => {
  const names = Object.entries(recipes).flatMap(([name, value]) => (typeof value === 'function' && name !== 'kdmlPair' && name !== 'usualOptimizer' ? [name] : []));
  expect(Object.keys(systems).sort()).toEqual(names.sort());
});

describe.each(Object.entries(systems))('%s', (_, { measured, arms }) => {
  const specs = Object.entries(arms).map(([arm, compose]) => ({ arm, spec: compose(pipeline(blobs<number>({ classes: 2, input: [32, 32, 3], examples: 4 })), 6).spec() }));

  it('begins with the arm in which labels alone teach, and goes on with others', () => {
    // Knowledge passes along edges, or inside of a node that swaps in another's blocks.
    const swaps = ({ nodes }: Spec): boolean => nodes.some(({ part }) => part.name === 'interleave' && part.options['probability'] !== 1);
    const silent = specs.map(({ spec }) => spec.edges.every(({ from }) => from === 'labels') && !swaps(spec));
    expect(silent).toEqual([true, ...specs.slice(1).map(() => false)]);
  });

  it('is measured by something that all arms have, after as many epochs', () => {
    for (const { spec } of specs) expect([...spec.nodes.map(({ name }) => name), ...(spec.ensemble === null ? [] : ['ensemble'])]).toContain(measured);
    expect(new Set(specs.map(({ spec }) => JSON.stringify(spec.stages))).size).toBe(1);
  });
});

import { defineDerived, type Derived } from './derived.ts';
import { type Ensembler, defineEnsembler } from './ensembler.ts';
import type { Readings, Signal } from './signal.ts';

// What is tested here are types: the compiler reads this file, too.
const first = defineEnsembler({ name: 'first', needs: ['logits'], combine: ([one]) => one as Readings<'logits'> });

describe('an ensembler', () => {
  it('of known signals is an ensembler, and so is a node made of others', () => {
    const general: Ensembler = first;
    const derived: Derived<'a' | 'b', 'logits'> = defineDerived({ name: 'cohort', of: ['a', 'b'], emits: ['logits'], read: (members, context) => first.combine(members, context) });
    const nodes: readonly Derived[] = [derived];
    expect([general.needs, nodes[0]?.of]).toEqual([['logits'], ['a', 'b']]);
  });

  it('promises its own signals, and must give them', () => {
    const combined: Readings<'logits'> = first.combine([{ logits: 'here' as never }], { logSoftmax: (logits) => logits });
    expect(combined.logits).toBe('here');
    // @ts-expect-error: 'logits' is missing from what it gives
    const empty = defineEnsembler({ name: 'empty', needs: ['logits'], combine: () => ({}) });
    // @ts-expect-error: who reads logits cannot stand for one that reads boxes
    const boxes: Ensembler<'boxes'> = first;
    expect([empty.name, boxes.name]).toEqual(['empty', 'first']);
    const named: readonly Signal[] = empty.needs;
    expect(named).toEqual(['logits']);
  });
});

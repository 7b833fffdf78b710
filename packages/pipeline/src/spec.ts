import { deepFreeze, describe, type EdgeSpec, type NodeSpec, type Optimizer, type Spec } from '@codistill/core';
import { type Draft, type DraftEdge, type DraftNode, namesOfRole, trained } from './draft.ts';

const nodeSpec = (draft: Draft, { name, role, frozen, part }: DraftNode): NodeSpec => {
  const views = draft.views[name];
  return {
    name,
    role,
    part: describe(part),
    frozen,
    ...(role === 'derived' ? { of: part.of } : {}),
    ...(views === undefined ? {} : { views: views.map(describe) }),
  };
};

const edgeSpecs = (edges: readonly DraftEdge[]): readonly EdgeSpec[] => {
  const taken = new Set<string>();
  return edges.map(({ term, from, to, weight, scale, gradient, when, phase }) => {
    const base = `${from}-${term.name}-${to}`;
    let id = base;
    for (let copy = 2; taken.has(id); copy++) id = `${base}#${copy}`;
    taken.add(id);
    return { id, term: describe(term), from, to, weight: typeof weight === 'number' ? weight : describe(weight), scale, gradient, when, ...(phase === undefined ? {} : { phase }) };
  });
};

/**
 * The optimizer of each node that owns trained weights: its own, or the default.
 *
 * @example
 * const count = (draft: Draft): number => optimizersOf(draft).length;
 */
export const optimizersOf = (draft: Draft): readonly (readonly [string, Optimizer])[] =>
  trained(draft).flatMap((name) => {
    const optimizer = draft.optimizers[name] ?? draft.optimizers['default'];
    return optimizer === undefined ? [] : [[name, optimizer] as const];
  });

/**
 * A draft as plain data: frozen, and equal to itself after a trip through JSON.
 *
 * @example
 * const print = (draft: Draft): number => specOf(draft).edges.length;
 */
export const specOf = (draft: Draft): Spec => {
  const { kind, classes, classNames } = draft.data.task;
  const spec: Spec = {
    format: 'codistill/spec/1',
    task: { kind, classes, classNames },
    data: describe(draft.data),
    input: draft.data.input,
    nodes: draft.nodes.map((node) => nodeSpec(draft, node)),
    edges: edgeSpecs(draft.edges),
    optimizers: Object.fromEntries(optimizersOf(draft).map(([name, optimizer]) => [name, describe(optimizer)])),
    stages: draft.stages.map(({ name, epochs, freeze = [], promote, reinit }) => ({
      name,
      epochs,
      freeze,
      ...(promote === undefined ? {} : { promote }),
      ...(reinit === undefined ? {} : { reinit }),
    })) as Spec['stages'],
    ...(draft.program === undefined ? {} : { program: describe(draft.program) }),
    ensemble: draft.ensemble === undefined ? null : { part: describe(draft.ensemble.ensembler), of: draft.ensemble.of ?? namesOfRole(draft, 'student') },
  };
  // A copy: what the user handed in must not be frozen under his hands.
  return deepFreeze(JSON.parse(JSON.stringify(spec)) as Spec);
};

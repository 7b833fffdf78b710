import { CodistillError, type Data, type Engine, type LabelKind, say } from '@codistill/core';
import type { Pipeline } from './chain.types.ts';
import { type Draft, emptyDraft } from './draft.ts';
import { distill, edge, mutual, supervise } from './edges.ts';
import { setEnsemble } from './ensemble.ts';
import { graphOf } from './graph.ts';
import { addDerived, addStudents, addTeacher, addTeachers } from './nodes.ts';
import { asData, asProgram, shown } from './noun.ts';
import { setOptimizers, setViews } from './per-node.ts';
import { refuseUnready } from './ready.ts';
import { specOf } from './spec.ts';
import { setStages } from './stages.ts';
import type { Start } from './state.types.ts';

type Verb = (...given: unknown[]) => unknown;

/** The chain without its types: arguments are what a JavaScript user may pass, and every verb checks its own. */
const chainOf = (draft: Draft, engine: Engine): Readonly<Record<string, Verb>> => {
  const next = (after: Draft): unknown => chainOf(after, engine);
  const beforeLosses =
    (verb: string, change: (...given: unknown[]) => Draft): Verb =>
    (...given) => {
      if (draft.wired) throw new CodistillError('NODES_FIRST', say.compose.nodesFirst(verb));
      return next(change(...given));
    };
  const chain: Readonly<Record<string, Verb>> = Object.freeze({
    teacher: beforeLosses('teacher', (model, options) => addTeacher(draft, model, options)),
    teachers: beforeLosses('teachers', (models, options) => addTeachers(draft, models, options)),
    students: beforeLosses('students', (models) => addStudents(draft, models)),
    node: beforeLosses('node', (name, derived) => addDerived(draft, name, derived)),
    stages: beforeLosses('stages', (stages) => setStages(draft, stages)),
    views: (views) => next(setViews(draft, views)),
    supervise: (term, options) => next(supervise(draft, term, options)),
    distill: (term, options) => next(distill(draft, term, options)),
    mutual: (term, options) => next(mutual(draft, term, options)),
    edge: (term, options) => next(edge(draft, term, options)),
    program: (program) => next({ ...draft, program: asProgram('.program', program) }),
    optimize: (optimizers) => next(setOptimizers(draft, optimizers)),
    ensemble: (ensembler, options) => next(setEnsemble(draft, ensembler, options)),
    use: (part) => {
      if (typeof part !== 'function') throw new CodistillError('NOT_A_NOUN', say.compose.notANoun('.use', 'a function of the chain', shown(part)));
      return (part as Verb)(chain);
    },
    spec: () => {
      refuseUnready(draft);
      return specOf(draft);
    },
    build: async () => {
      refuseUnready(draft);
      return engine(graphOf(draft));
    },
  });
  return chain;
};

/**
 * Makes the `pipeline` function for an engine. The chain composes, the engine runs: neither knows the other.
 *
 * @param engine - gets the finished graph when `.build()` is called
 * @returns `pipeline(data)`: the beginning of a chain, see {@link Pipeline}
 * @example
 * declare const engine: Engine;
 * declare const data: Data<'class', 10>;
 * declare const resnet: (options: { depth: number }) => Model<'logits'>;
 * declare const crossEntropy: () => Term<'crossEntropy', 'labels', 'logits', 'class'>;
 * declare const kd: () => Term<'kd', 'node', 'logits', never>;
 * declare const sgd: (options: { lr: number }) => Optimizer;
 *
 * const pipeline = createPipeline(engine);
 * const run = await pipeline(data)
 *   .teacher(resnet({ depth: 20 }))
 *   .students({ a: resnet({ depth: 8 }), b: resnet({ depth: 8 }) })
 *   .supervise(crossEntropy())
 *   .distill(kd())
 *   .mutual(kd())
 *   .optimize(sgd({ lr: 0.1 }))
 *   .build();
 * await run.fit({ epochs: 10, seed: 7 });
 */
export const createPipeline =
  (engine: Engine): (<const Kind extends LabelKind, const Classes extends number>(data: Data<Kind, Classes>) => Pipeline<Start<Kind, Classes>>) =>
  <const Kind extends LabelKind, const Classes extends number>(data: Data<Kind, Classes>) =>
    // The one place where types are laid over the untyped chain.
    chainOf(emptyDraft(asData('pipeline', data)), engine) as unknown as Pipeline<Start<Kind, Classes>>;

import type { Copy, Derived, Ensembler, GradientFlow, Model, NodeView, Optimizer, Program, Run, say, Scheduled, Signal, Spec, Stage, Term, View } from '@codistill/core';
import type { Combining, Comparing, Fits, Fresh, Members, Peering, Supervising } from './check.types.ts';
import type { PipelineError } from './pipeline-error.ts';
import type { Learners, Names, Node, OfRole, Role, Seers, State, Wired, WithNodes, WithOptimized, WithStages } from './state.types.ts';

// How to read this file: every verb returns the chain with a changed state; an argument's type is itself, or a `PipelineError`
// whose only argument is the sentence that is wrong with it (check.types.ts).

type BeforeLosses<S extends State, Verb extends string, Method> = S['wired'] extends true
  ? PipelineError<ReturnType<typeof say.compose.nodesFirst<Verb>>>
  : Method;

/** The nodes that a record of models makes. */
type Added<Models, As extends Role, Frozen extends boolean> = {
  [K in keyof Models & string]: Models[K] extends Model<infer Emits> ? Node<K, Emits, As, Frozen> : never;
}[keyof Models & string];

/** A node made of others: a copy emits what its original does. */
type Made<S extends State, K extends string, D> = D extends Copy<infer Of>
  ? Node<K, Extract<S['nodes'], { readonly name: Of }>['emits'], 'derived', true>
  : D extends Derived<string, infer Emits, Signal>
    ? Node<K, Emits, 'derived', false>
    : never;

type Unoptimized<S extends State> = Exclude<Names<Learners<S['nodes']>>, S['optimized']>;

type Todo<S extends State> = [OfRole<S['nodes'], 'student'>] extends [never]
  ? '.students({...})'
  : S['wired'] extends false
    ? '.supervise(loss)'
    : [S['optimized']] extends [never]
      ? '.optimize(optimizer)'
      : string extends Unoptimized<S>
        ? never
        : [Unoptimized<S>] extends [never]
          ? never
          : `an optimizer for '${Unoptimized<S>}'`;

type WhenReady<S extends State, Method> = [Todo<S>] extends [never] ? Method : PipelineError<ReturnType<typeof say.compose.notReady<Todo<S>>>>;

/** A name that exists, else the names that do: the compiler then says which was meant. */
type Existing<S extends State, Name> = Name extends Names<S['nodes']> ? Name : Names<S['nodes']>;

interface LossOptions<Stages> {
  /** Factor of the loss; default 1. The constant 0 leaves the loss out altogether. */
  readonly weight?: Scheduled;
  /** The stages in which it holds; default all. */
  readonly when?: [Stages] extends [never] ? PipelineError<ReturnType<typeof say.compose.stagesMissing>> : Stages | readonly Stages[];
  /** The phase of `.program(...)` it belongs to; default the main one. */
  readonly phase?: string;
}

interface EdgeOptions<Stages, Flow> extends LossOptions<Stages> {
  /** Which end the loss trains; default `'to'`: the source is detached. */
  readonly gradient?: Flow;
}

/**
 * A pipeline being composed. Immutable: every verb returns another chain, so a prefix can be continued in several ways.
 * Nodes and stages come first, then losses; what a verb refuses, it refuses with one sentence, in the editor and at run time.
 *
 * Terms compare a node with labels or with another node; every step runs all networks once and updates them together.
 *
 * @example
 * // A part of a chain that is used in many pipelines
 * const twice = (chain: Pipeline<Start<'class', 10>>, model: Model<'logits'>): unknown => chain.students({ a: model, b: model });
 */
export interface Pipeline<S extends State> {
  /**
   * The node `teacher`. It learns online from its own losses; `{ frozen: true }` keeps it as it is.
   * `.teacher(resnet({ depth: 20 }))`
   */
  readonly teacher: BeforeLosses<
    S,
    'teacher',
    <M extends Model, const F extends boolean = false>(
      model: Fresh<S, 'teacher', Fits<S, 'the teacher', M>>,
      options?: { readonly frozen?: F },
    ) => Pipeline<WithNodes<S, Node<'teacher', M['emits'][number], 'teacher', F>>>
  >;

  /** Several teachers, by name. `.teachers({ wide, deep }, { frozen: true })` */
  readonly teachers: BeforeLosses<
    S,
    'teachers',
    <const R extends Readonly<Record<string, Model>>, const F extends boolean = false>(
      models: { readonly [K in keyof R]: Fresh<S, K & string, Fits<S, `teacher '${K & string}'`, R[K]>> },
      options?: { readonly frozen?: F },
    ) => Pipeline<WithNodes<S, Added<R, 'teacher', F>>>
  >;

  /** Students, by name. `.students({ a: resnet({ depth: 8 }), b: resnet({ depth: 8 }) })` */
  readonly students: BeforeLosses<
    S,
    'students',
    <const R extends Readonly<Record<string, Model>>>(models: {
      readonly [K in keyof R]: Fresh<S, K & string, Fits<S, `student '${K & string}'`, R[K]>>;
    }) => Pipeline<WithNodes<S, Added<R, 'student', false>>>
  >;

  /** A node computed from others, or a copy of one; they must exist. `.node('mean', ema({ of: 'small', decay: 0.999 }))` */
  readonly node: BeforeLosses<
    S,
    'node',
    <const K extends string, const D extends Derived | Copy>(
      name: Fresh<S, K, K>,
      derived: Members<S, K, D>,
    ) => Pipeline<WithNodes<S, Made<S, K, D>>>
  >;

  /**
   * Divides training into stretches that losses name in `{ when }`; replaces those of an earlier call.
   * `.stages([{ name: 'alone', epochs: 60 }, { name: 'together', epochs: 140, freeze: ['teacher'] }])`
   */
  readonly stages: BeforeLosses<
    S,
    'stages',
    <const K extends string>(stages: readonly Stage<K, Names<S['nodes']>>[]) => Pipeline<WithStages<S, K>>
  >;

  /**
   * What a node sees of each batch, where it is not the batch as it is; several views are stacked along the batch axis, and the nodes
   * it is compared with must see as many. `.views({ a: augment(), b: [original(), mined({ by: 'teacher' })] })`
   */
  views(views: { readonly [K in Names<Seers<S['nodes']>>]?: View | NodeView<Names<Seers<S['nodes']>>> | readonly (View | NodeView<Names<Seers<S['nodes']>>>)[] }): Pipeline<S>;

  /** What a step does, where that is not one joint update of all nodes. `.program(inTurn())` */
  program(program: Program): Pipeline<S>;

  /** Labels → every teacher and student that learns. `.supervise(crossEntropy(), { to: ['a'] })` */
  supervise<T extends Term, const To extends string = Names<Learners<S['nodes']>>>(
    term: Supervising<S, T, To>,
    options?: LossOptions<S['stages']> & { readonly to?: Existing<S, To> | readonly Existing<S, To>[] },
  ): Pipeline<Wired<S>>;

  /** Every teacher → every student. `.distill(kd({ temperature: 4 }), { from: 'mix', to: ['a'], weight: 0.5 })` */
  distill<
    T extends Term,
    const From extends string = Names<OfRole<S['nodes'], 'teacher'>>,
    const To extends string = Exclude<Names<OfRole<S['nodes'], 'student'>>, From>,
    const Flow extends GradientFlow = 'to',
  >(
    term: Comparing<S, T, From, To, Flow>,
    options?: EdgeOptions<S['stages'], Flow> & {
      readonly from?: Existing<S, From> | readonly Existing<S, From>[];
      readonly to?: Existing<S, To> | readonly Existing<S, To>[];
    },
  ): Pipeline<Wired<S>>;

  /**
   * Every ordered pair of peers, by default all students. Each of N peers hears the others at 1 / (N − 1), or with
   * `{ reduce: 'sum' }` at 1; a single peer hears nobody. `.mutual(kd(), { among: ['a', 'b'] })`
   */
  mutual<T extends Term, const Among extends string = Names<OfRole<S['nodes'], 'student'>>>(
    term: Peering<S, T, Among>,
    options?: EdgeOptions<S['stages'], GradientFlow> & {
      readonly among?: readonly Existing<S, Among>[];
      readonly reduce?: 'mean' | 'sum';
    },
  ): Pipeline<Wired<S>>;

  /** Any topology: each of `from` → each of `to`. `.edge(kd(), { from: 'reader', to: 'watcher' })` */
  edge<T extends Term, const From extends string, const To extends string, const Flow extends GradientFlow = 'to'>(
    term: Comparing<S, T, From, To, Flow>,
    options: EdgeOptions<S['stages'], Flow> & {
      readonly from: Existing<S, From> | readonly Existing<S, From>[];
      readonly to: Existing<S, To> | readonly Existing<S, To>[];
    },
  ): Pipeline<Wired<S>>;

  /**
   * One optimizer for all nodes that learn, or each its own; every node has its own slots in any case.
   * `.optimize({ default: sgd({ lr: 0.1 }), a: sgd({ lr: 0.05 }) })`
   */
  optimize<const K extends Names<Learners<S['nodes']> | OfRole<S['nodes'], 'derived'>> | 'default' = 'default'>(
    optimizer: Optimizer | { readonly [Name in K]: Optimizer },
  ): Pipeline<WithOptimized<S, 'default' extends K ? string : K>>;

  /** Combines the outputs of all students, at evaluation and export. `.ensemble(meanProbabilities(), { of: ['a', 'b'] })` */
  ensemble<E extends Ensembler, const Of extends string = Names<OfRole<S['nodes'], 'student'>>>(
    ensembler: Combining<S, E, Of>,
    options?: { readonly of?: Existing<S, Of> | readonly Existing<S, Of>[] },
  ): Pipeline<S>;

  /** Hands the chain to a function and returns what that returns. `.use((chain) => chain.mutual(kd()))` */
  use<Out>(part: (pipeline: Pipeline<S>) => Out): Out;

  /** The graph as frozen, JSON-serialisable data. There once the pipeline is complete. */
  readonly spec: WhenReady<S, () => Spec>;

  /** Hands the graph to the engine, which checks it on a first batch. There once the pipeline is complete. */
  readonly build: WhenReady<S, () => Promise<Run<Names<S['nodes']>>>>;
}

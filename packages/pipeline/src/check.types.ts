import type { Copy, Derived, Ensembler, GradientFlow, Model, say, Signal, Source, Term } from '@codistill/core';
import type { PipelineError } from './pipeline-error.ts';
import type { Frozen, Names, Node, OfRole, State } from './state.types.ts';

// Every check is the argument's own type, or one sentence of `say.compose`. A gap is the sentence that is missing from a good
// argument, or `never`; the first gap wins, because two errors on one argument would intersect to `never` and both be lost.

type Said<Sentence extends (...values: never[]) => string> = ReturnType<Sentence>;
type First<A, B> = [A] extends [never] ? B : A;
type Unless<Gap, T> = [Gap] extends [never] ? T : PipelineError<Gap & string>;

// What the compiler cannot know (a name or a tap of type `string`, a class count of type `number`) passes: the run time says the
// same sentence. A record of wide keys is an index signature, which has no keys to miss.
type IsWide<Word extends string> = Partial<Record<Word, unknown>> extends Record<Word, unknown> ? true : false;
type Known<Needs> = Signal extends Needs ? never : Needs extends string ? (IsWide<Needs> extends true ? never : Needs) : never;
type Same<A extends number, B extends number> = number extends A | B ? true : [A] extends [B] ? true : false;

type SignalGap<Nodes, Who, Reader extends string, Needs> =
  Nodes extends Node<infer Name, infer Emits>
    ? Name extends Who
      ? [Exclude<Needs, Emits>] extends [never]
        ? never
        : Said<typeof say.compose.signalMissing<Reader, Exclude<Needs, Emits> & string, Name>>
      : never
    : never;

/**
 * A model whose class count agrees with the data's.
 *
 * @example
 * type Checked<S extends State, M extends Model> = Fits<S, "student 'small'", M>;
 */
export type Fits<S extends State, Who extends string, M extends Model> =
  Same<NonNullable<M['classes']>, S['classes']> extends true
    ? M
    : PipelineError<Said<typeof say.compose.classesDiffer<Who, NonNullable<M['classes']>, S['classes']>>>;

/**
 * Something under a name that is still free.
 *
 * @example
 * type Checked<S extends State, M extends Model> = Fresh<S, 'small', M>;
 */
export type Fresh<S extends State, Name extends string, T> = Name extends 'labels' | 'default' | 'ensemble'
  ? PipelineError<Said<typeof say.compose.nameReserved<Name>>>
  : Name extends Names<S['nodes']>
    ? string extends Names<S['nodes']>
      ? T
      : PipelineError<Said<typeof say.compose.nameTaken<Name>>>
    : T;

type MemberGap<S extends State, Name extends string, Of extends string, Emits> = string extends Of
  ? never
  : [Exclude<Of, Names<S['nodes']>>] extends [never]
    ? SignalGap<S['nodes'], Of, `node '${Name}'`, Known<Emits>>
    : Said<typeof say.compose.memberUnknown<Name, Exclude<Of, Names<S['nodes']>>>>;

/**
 * A derived node whose members exist and emit what it reads.
 *
 * @example
 * type Checked<S extends State, D extends Derived> = Members<S, 'mix', D>;
 */
export type Members<S extends State, Name extends string, D extends Derived | Copy> = D extends Derived
  ? Unless<MemberGap<S, Name, D['of'][number], D extends { readonly reads: object } ? never : D['needs'][number]>, D>
  : Unless<CopyGap<S, Name, D['of'][number]>, D>;

type CopyGap<S extends State, Name extends string, Of extends string> = string extends Of
  ? never
  : Of extends Names<S['nodes']>
    ? Of extends Names<OfRole<S['nodes'], 'derived'>>
      ? Said<typeof say.compose.copyOfDerived<Name, Of>>
      : never
    : Said<typeof say.compose.memberUnknown<Name, Of>>;

/**
 * An ensembler whose members emit what it reads.
 *
 * @example
 * type Checked<S extends State, E extends Ensembler> = Combining<S, E, 'a' | 'b'>;
 */
export type Combining<S extends State, E extends Ensembler, Of> = Unless<SignalGap<S['nodes'], Of, 'the ensembler', Known<E['needs'][number]>>, E>;

type SourceGap<T extends Term, Wanted extends Source> = Wanted extends T['from']
  ? never
  : Wanted extends 'node'
    ? Said<typeof say.compose.comparesWithLabels<T['name']>>
    : Said<typeof say.compose.comparesWithNode<T['name']>>;

type LabelGap<S extends State, T extends Term> =
  T extends Term<infer Name, Source, Signal, infer Kind>
    ? [Extract<S['kind'], Kind>] extends [never]
      ? Said<typeof say.compose.labelsDiffer<Name, Kind, S['kind']>>
      : never
    : never;

type FrozenGap<S extends State, T extends Term, Who> =
  Extract<Names<Frozen<S['nodes']>>, Who> extends infer Name extends string ? Said<typeof say.compose.frozenLearner<T['name'], Name>> : never;

type ReadGap<S extends State, T extends Term, Who> = SignalGap<S['nodes'], Who, `loss '${T['name']}'`, Known<T['needs'][number]>>;

/** The ends of an edge that its gradient moves. */
type Moved<From, To, Flow extends GradientFlow> = Flow extends 'to' ? To : Flow extends 'from' ? From : From | To;

/**
 * A term that compares `To` with labels of the data's kind.
 *
 * @example
 * type Checked<S extends State, T extends Term> = Supervising<S, T, 'small'>;
 */
export type Supervising<S extends State, T extends Term, To> = Unless<
  First<
    SourceGap<T, 'labels'>,
    [To] extends [never]
      ? Said<typeof say.compose.learnerMissing<T['name']>>
      : First<LabelGap<S, T>, First<FrozenGap<S, T, To>, ReadGap<S, T, To>>>
  >,
  T
>;

/**
 * A term that compares `To` with what `From` emits.
 *
 * @example
 * type Checked<S extends State, T extends Term> = Comparing<S, T, 'teacher', 'small', 'to'>;
 */
export type Comparing<S extends State, T extends Term, From, To, Flow extends GradientFlow> = Unless<
  First<
    SourceGap<T, 'node'>,
    [From] extends [never]
      ? Said<typeof say.compose.teacherMissing<T['name']>>
      : [To] extends [never]
        ? Said<typeof say.compose.learnerMissing<T['name']>>
        : [From & To] extends [never]
          ? First<FrozenGap<S, T, Moved<From, To, Flow>>, First<ReadGap<S, T, From>, ReadGap<S, T, To>>>
          : Said<typeof say.compose.comparesWithItself<T['name'], From & To & string>>
  >,
  T
>;

/**
 * A term that compares every two of `Among`.
 *
 * @example
 * type Checked<S extends State, T extends Term> = Peering<S, T, 'a' | 'b'>;
 */
export type Peering<S extends State, T extends Term, Among> = Unless<
  First<
    SourceGap<T, 'node'>,
    [Among] extends [never]
      ? Said<typeof say.compose.peersMissing<T['name']>>
      : First<FrozenGap<S, T, Among>, ReadGap<S, T, Among>>
  >,
  T
>;

import type { LabelKind, Signal } from '@codistill/core';

/**
 * What a node is in the graph.
 *
 * @example
 * const role: Role = 'student';
 */
export type Role = 'teacher' | 'student' | 'derived';

/**
 * A node as the chain's types know it.
 *
 * @example
 * type Small = Node<'small', 'logits' | 'tap:pooled', 'student', false>;
 */
export interface Node<Name extends string = string, Emits extends Signal = Signal, R extends Role = Role, Frozen extends boolean = boolean> {
  readonly name: Name;
  readonly emits: Emits;
  readonly role: R;
  readonly frozen: Frozen;
}

/**
 * Everything the chain has learnt so far. Nodes are a union, because a union grows flat: a mapped type around the one before
 * it fails at 32 students. The fields are type parameters, because arguments are evaluated at once: fields of a nested literal
 * type are evaluated when first read, and forty calls later that is too deep.
 *
 * @example
 * type Classifying = State<'class'>;
 */
export interface State<
  Kind extends LabelKind = LabelKind,
  Classes extends number = number,
  Nodes extends Node = Node,
  Stages extends string = string,
  Optimized extends string = string,
  Wired extends boolean = boolean,
> {
  readonly kind: Kind;
  readonly classes: Classes;
  readonly nodes: Nodes;
  /** Names of the stages. */
  readonly stages: Stages;
  /** Names of the nodes that have an optimizer; `string` once there is a default. */
  readonly optimized: Optimized;
  /** A loss has been placed: no node and no stage may come any more. */
  readonly wired: Wired;
}

/**
 * The state of a chain that knows its data only.
 *
 * @example
 * type Cifar = Start<'class', 100>;
 */
export type Start<Kind extends LabelKind, Classes extends number> = State<Kind, Classes, never, never, never, false>;

/**
 * The state after nodes have come.
 *
 * @example
 * type One = WithNodes<Start<'class', 10>, Node<'small', 'logits', 'student', false>>;
 */
export type WithNodes<S extends State, N extends Node> = State<S['kind'], S['classes'], S['nodes'] | N, S['stages'], S['optimized'], S['wired']>;

/**
 * The state after stages have been named.
 *
 * @example
 * type Two = WithStages<Start<'class', 10>, 'alone' | 'together'>;
 */
export type WithStages<S extends State, Stages extends string> = State<S['kind'], S['classes'], S['nodes'], Stages, S['optimized'], S['wired']>;

/**
 * The state after nodes got their optimizers.
 *
 * @example
 * type All = WithOptimized<Start<'class', 10>, string>;
 */
export type WithOptimized<S extends State, Nodes extends string> = State<
  S['kind'],
  S['classes'],
  S['nodes'],
  S['stages'],
  S['optimized'] | Nodes,
  S['wired']
>;

/**
 * The state after a loss.
 *
 * @example
 * type Taught = Wired<Start<'class', 10>>;
 */
export type Wired<S extends State> = S['wired'] extends true ? S : State<S['kind'], S['classes'], S['nodes'], S['stages'], S['optimized'], true>;

/**
 * The names in a union of nodes.
 *
 * @example
 * type Both = Names<Node<'a'> | Node<'b'>>; // 'a' | 'b'
 */
export type Names<N> = N extends Node<infer Name> ? Name : never;

/**
 * The nodes that play a role.
 *
 * @example
 * type Students<S extends State> = OfRole<S['nodes'], 'student'>;
 */
export type OfRole<N, R extends Role> = N extends { readonly role: R } ? N : never;

/**
 * The nodes that own weights: teachers and students.
 *
 * @example
 * type Owners<S extends State> = Names<Networks<S['nodes']>>;
 */
export type Networks<N> = OfRole<N, 'teacher' | 'student'>;

/**
 * The nodes with a network, which see something of a batch: teachers, students, and copies of them.
 *
 * @example
 * type Looking<S extends State> = Names<Seers<S['nodes']>>;
 */
export type Seers<N> = N extends { readonly role: 'derived'; readonly frozen: false } ? never : N;

/**
 * The nodes whose weights are trained.
 *
 * @example
 * type Trained<S extends State> = Names<Learners<S['nodes']>>;
 */
export type Learners<N> = N extends { readonly role: 'derived' } | { readonly frozen: true } ? never : N;

/**
 * The nodes that stay as they are.
 *
 * @example
 * type Resting<S extends State> = Names<Frozen<S['nodes']>>;
 */
export type Frozen<N> = N extends { readonly frozen: true } ? N : never;

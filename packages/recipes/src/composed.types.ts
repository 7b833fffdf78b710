import type { Model, Signal } from '@codistill/core';
import type { Node, Pipeline, Start, State } from '@codistill/pipeline';

/**
 * A chain that knows its data only: what every recipe begins with.
 *
 * @example
 * declare const chain: Begun<10>;
 * const students = chain.students;
 */
export type Begun<Classes extends number = number> = Pipeline<Start<'class', Classes>>;

/**
 * A chain to which nothing needs to be added: `.build()` is there, and every verb that may still come.
 *
 * @example
 * declare const chain: Composed<10, StudentNode<Model<'logits'>, 'small'>>;
 * const run = chain.build();
 */
export type Composed<Classes extends number, Nodes extends Node, Stages extends string = never> = Pipeline<
  State<'class', Classes, Nodes, Stages, string, true>
>;

/**
 * What a model emits.
 *
 * @example
 * type Signals = EmittedBy<Model<'logits' | 'tap:last'>>; // 'logits' | 'tap:last'
 */
export type EmittedBy<M extends Model> = M['emits'][number];

/**
 * A teacher of a model.
 *
 * @example
 * type Wide = TeacherNode<Model<'logits'>, 'wide'>;
 */
export type TeacherNode<M extends Model, Name extends string = 'teacher', Frozen extends boolean = false> = Node<Name, EmittedBy<M>, 'teacher', Frozen>;

/**
 * A student of a model.
 *
 * @example
 * type Small = StudentNode<Model<'logits'>, 'small'>;
 */
export type StudentNode<M extends Model, Name extends string = 'student'> = Node<Name, EmittedBy<M>, 'student', false>;

/**
 * A copy of a node with that model.
 *
 * @example
 * type Mean = CopyNode<Model<'logits'>, 'mean'>;
 */
export type CopyNode<M extends Model, Name extends string> = Node<Name, EmittedBy<M>, 'derived', true>;

/**
 * A node made of others.
 *
 * @example
 * type Mixture = DerivedNode<'teacher', 'logits'>;
 */
export type DerivedNode<Name extends string, Emits extends Signal> = Node<Name, Emits, 'derived', false>;

/**
 * Models by the names of their nodes.
 *
 * @example
 * declare const resnet: Model<'logits'>;
 * const pair: Models = { a: resnet, b: resnet };
 */
export type Models = Readonly<Record<string, Model>>;

/**
 * The students that a record of models makes.
 *
 * @example
 * type Pair = StudentNodes<{ readonly a: Model<'logits'>; readonly b: Model<'logits'> }>;
 */
export type StudentNodes<Students extends Models> = { [Name in keyof Students & string]: StudentNode<Students[Name], Name> }[keyof Students & string];

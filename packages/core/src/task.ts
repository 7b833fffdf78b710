/**
 * What the labels of a data set are. A term that compares with labels, a metric and a data set name the kind they understand;
 * the chain refuses a pair that does not agree.
 *
 * - `class`: one class per example
 * - `mask`: one class per pixel
 * - `boxes`: boxes with classes
 * - `density`: a non-negative map whose sum is a count
 *
 * @example
 * const kind: LabelKind = 'class';
 */
export type LabelKind = 'class' | 'mask' | 'boxes' | 'density';

interface LabelNames {
  readonly class: 'class';
  readonly mask: 'mask';
  readonly boxes: 'boxes' | 'boxClass' | 'boxValid';
  readonly density: 'density';
}

/**
 * The arrays (or tensors) that hold labels of one kind, by name. All are float32.
 *
 * - `class.class`: `[batch, classes]`, each row a distribution: one-hot, or mixed by an augmentation such as mixup
 * - `mask.mask`: `[batch, height, width, classes]`, a distribution per pixel
 * - `boxes`: `boxes [batch, max, 4]` as `x1 y1 x2 y2` in pixels, `boxClass [batch, max, classes]`, `boxValid [batch, max]` 0 or 1
 * - `density.density`: `[batch, height, width, 1]`
 *
 * @example
 * const rows = (labels: Labels<'class', Float32Array>): Float32Array => labels.class;
 */
export type Labels<Kind extends LabelKind, T> = { readonly [Name in LabelNames[Kind]]: T };

/**
 * What is to be learned: the kind of the labels and how many classes there are.
 *
 * @example
 * const task: Task<'class', 2> = { kind: 'class', classes: 2, classNames: ['MSS', 'MSI'] };
 */
export interface Task<Kind extends LabelKind = LabelKind, Classes extends number = number> {
  readonly kind: Kind;
  readonly classes: Classes;
  /** One name per class, in the order of the label columns. */
  readonly classNames: readonly string[];
}

/**
 * Makes a task from its label kind.
 *
 * @param kind - the kind of the labels
 * @param classes - number of classes (1 for `density`)
 * @param classNames - names in label order; default `'0'`, `'1'`, …
 * @example
 * const scenes = defineTask('mask', 2, ['background', 'cell']);
 */
export const defineTask = <const Kind extends LabelKind, const Classes extends number>(
  kind: Kind,
  classes: Classes,
  classNames: readonly string[] = Array.from({ length: classes }, (_, index) => String(index)),
): Task<Kind, Classes> => Object.freeze({ kind, classes, classNames: Object.freeze([...classNames]) });

/**
 * The task of naming one of `classes` classes per example.
 *
 * @param classes - number of classes, at least 2
 * @param classNames - names in label order; default `'0'`, `'1'`, …
 * @example
 * const tissue = classification(2, ['benign', 'adenocarcinoma']);
 */
export const classification = <const Classes extends number>(classes: Classes, classNames?: readonly string[]): Task<'class', Classes> =>
  defineTask('class', classes, classNames);

import type { HostArray } from './host-array.ts';
import type { Named } from './json.ts';
import type { Part, PartOrigin } from './part.ts';
import type { Signal } from './signal.ts';
import type { LabelKind } from './task.ts';

/**
 * One batch as a metric sees it, on the host.
 *
 * @example
 * const count = (seen: Seen): number => seen.ids.length;
 */
export interface Seen {
  readonly ids: Int32Array;
  readonly labels: Named<HostArray>;
  /** What the node emitted, by signal. */
  readonly readings: Named<HostArray>;
  /** What the other node emitted; empty for metrics of one node. */
  readonly other: Named<HostArray>;
}

/**
 * A streaming measure. `State` is plain data: update it in place or return another.
 *
 * @example
 * const higherIsBetter = (metric: Metric): boolean => metric.better === 'higher';
 */
export interface Metric<Name extends string = string, State = unknown> extends Part {
  readonly name: Name;
  /** The label kind it understands. */
  readonly labels: LabelKind;
  readonly needs: readonly Signal[];
  /** `'node'`: one value per node. `'pair'`: one per unordered pair of nodes. */
  readonly of: 'node' | 'pair';
  readonly better: 'higher' | 'lower' | 'neither';
  init(classes: number): State;
  update(state: State, seen: Seen): State;
  /** A number, or rows of numbers (a confusion matrix, a list of mistakes). */
  result(state: State): number | readonly (readonly number[])[];
}

/**
 * Makes a metric. `of` defaults to `'node'`.
 *
 * @example
 * const examples = defineMetric({
 *   name: 'examples', labels: 'class', needs: ['logits'], better: 'neither',
 *   init: () => 0,
 *   update: (count, seen) => count + seen.ids.length,
 *   result: (count) => count,
 * });
 */
export const defineMetric = <const Name extends string, State>(
  metric: PartOrigin<Name> & Omit<Metric<Name, State>, keyof Part | 'of' | 'name'> & { readonly of?: 'node' | 'pair' },
): Metric<Name, State> => Object.freeze({ package: 'local', options: {}, of: 'node', ...metric });

/**
 * Measures of one node (or one pair) over one split.
 *
 * @example
 * const accuracyOf = (scores: Scores): number | undefined => scores.numbers['accuracy'];
 */
export interface Scores {
  readonly numbers: Named<number>;
  readonly tables: Named<readonly (readonly number[])[]>;
}

/**
 * Everything measured on one split.
 *
 * @example
 * const best = (evaluation: Evaluation<'a' | 'b'>): number => Math.max(evaluation.nodes.a.numbers['accuracy'] ?? 0);
 */
export interface Evaluation<Nodes extends string = string> {
  readonly split: 'validation' | 'test';
  readonly examples: number;
  readonly nodes: Readonly<Record<Nodes, Scores>>;
  /** Absent where the pipeline has no `.ensemble(...)`. */
  readonly ensemble?: Scores;
  /** By `'a~b'`, for metrics of pairs. */
  readonly pairs: Named<Scores>;
}

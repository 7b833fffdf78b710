import {
  type Ends, filled, fold, type HostArray, integer, key as rootKey, type Key, type LabelKind, type Named, normal, type Signal, type Term, type TermState, uniform,
} from '@codistill/core';
import type { ExampleShapes } from './term-law-options.ts';

/**
 * Everything one call of a term's `compute` reads, on the host.
 *
 * @example
 * declare const inputs: TermInputs;
 * const batch = Object.values(inputs.to)[0]?.shape[0];
 */
export interface TermInputs {
  /** Readings of the node that learns, by signal. */
  readonly to: Named<HostArray>;
  /** Readings of the other node by signal, or labels by name. */
  readonly from: Named<HostArray>;
  readonly state: TermState;
}

/**
 * How inputs of a term are made.
 *
 * @example
 * const site: TermSite = { batch: 4, classes: 5, to: { 'tap:last': [4, 4, 2] }, from: { 'tap:last': [4, 4, 6] }, seed: 1 };
 */
export interface TermSite {
  readonly batch: number;
  readonly classes: number;
  readonly to: ExampleShapes;
  readonly from: ExampleShapes;
  readonly seed: number;
}

const MOST_BOXES = 3;

/** Logits end in the class count whatever shape is asked for, so that laws can vary it. */
const exampleShape = (signal: Signal, shapes: ExampleShapes, classes: number, labels: LabelKind | undefined): readonly number[] => {
  if (signal === 'logits') return [...(shapes.logits?.slice(0, -1) ?? (labels === 'mask' ? [4, 4] : [])), classes];
  if (signal === 'boxes') return shapes.boxes ?? [MOST_BOXES, 4];
  if (signal === 'density') return shapes.density ?? [4, 4, 1];
  return shapes[signal] ?? [4, 4, 6];
};

const gaussian = (key: Key, shape: readonly number[], spread: number): HostArray => {
  const array = filled(shape);
  array.values.set(normal(key, array.values.length).map((z) => z * spread));
  return array;
};

/** Rows that are distributions: one-hot, but every second one mixed half and half with the next class, as mixup does. */
const distributions = (key: Key, shape: readonly number[]): HostArray => {
  const rows = filled(shape);
  const classes = shape.at(-1) ?? 1;
  for (let row = 0; row * classes < rows.values.length; row++) {
    const first = integer(fold(key, row), classes);
    for (const column of [first, row % 2 === 0 ? first : (first + 1) % classes]) {
      const at = row * classes + column;
      rows.values[at] = (rows.values[at] ?? 0) + 0.5;
    }
  }
  return rows;
};

/** Boxes `x1 y1 x2 y2` of sides 4 to 12 in a picture of 32 pixels. */
const boxes = (key: Key, count: number): Float32Array => {
  const draws = uniform(key, count * 4);
  return draws.map((draw, index) => {
    const corner = (draws[index - (index % 4 < 2 ? 0 : 2)] ?? 0) * 20;
    return index % 4 < 2 ? corner : corner + 4 + 8 * draw;
  });
};

const labelArrays = (kind: LabelKind, key: Key, { batch, classes, to }: TermSite): Named<HostArray> => {
  const pixels = exampleShape('logits', to, classes, kind);
  const map = exampleShape('density', to, classes, kind);
  switch (kind) {
    case 'class':
      return { class: distributions(key, [batch, classes]) };
    case 'mask':
      return { mask: distributions(key, [batch, ...pixels]) };
    case 'boxes':
      return {
        boxes: { shape: [batch, MOST_BOXES, 4], values: boxes(fold(key, 'boxes'), batch * MOST_BOXES) },
        boxClass: distributions(fold(key, 'class'), [batch, MOST_BOXES, classes]),
        boxValid: filled([batch, MOST_BOXES], 1),
      };
    case 'density': {
      const density = filled([batch, ...map]);
      density.values.set(uniform(key, density.values.length));
      return { density };
    }
  }
};

/**
 * Reproducible inputs that suit what a term declares: normal numbers for readings (logits with a spread of 2), distributions
 * for labels, and the term's own first state.
 *
 * @param term - any term
 * @param site - batch size, class count, shapes where they matter, seed
 * @returns the same numbers for the same arguments
 * @throws CodistillError whatever the term's `state` throws where the shapes do not suit it
 * @example
 * declare const term: Term;
 * const inputs = termInputs(term, { batch: 4, classes: 5, to: {}, from: {}, seed: 1 });
 */
export const termInputs = (term: Term, site: TermSite): TermInputs => {
  const { batch, classes, to, from, seed } = site;
  const key = rootKey(seed);
  const readings = (end: string, shapes: ExampleShapes): Named<HostArray> =>
    Object.fromEntries(
      term.needs.map((signal) => {
        const shape = [batch, ...exampleShape(signal, shapes, classes, term.labels)];
        const array = gaussian(fold(key, end, signal), shape, signal === 'logits' ? 2 : 1);
        if (signal === 'boxes') array.values.set(boxes(fold(key, end, signal), array.values.length / 4));
        return [signal, array];
      }),
    );
  const learner = readings('to', to);
  const source = term.from === 'labels' ? labelArrays(term.labels ?? 'class', fold(key, 'labels'), site) : readings('from', from);
  const single = (end: Named<HostArray>): Ends['to'] => Object.fromEntries(Object.entries(end).map(([signal, { shape }]) => [signal, [1, ...shape.slice(1)]]));
  const ends: Ends = { to: single(learner), from: term.from === 'labels' ? {} : single(source) };
  return { to: learner, from: source, state: term.state?.(ends, fold(key, 'state')) ?? { parameters: {}, buffers: {} } };
};

/**
 * The same inputs with the examples picked in another order, or repeatedly.
 *
 * @param inputs - stay as they are
 * @param order - for each row of the new batch, its row in the old one
 * @example
 * declare const inputs: TermInputs;
 * const twice = pickExamples(inputs, [0, 1, 2, 3, 0, 1, 2, 3]);
 */
export const pickExamples = (inputs: TermInputs, order: readonly number[]): TermInputs => {
  const pick = ({ shape, values }: HostArray): HostArray => {
    const row = values.length / (shape[0] ?? 1);
    const picked = filled([order.length, ...shape.slice(1)]);
    order.forEach((from, to) => {
      picked.values.set(values.subarray(from * row, (from + 1) * row), to * row);
    });
    return picked;
  };
  const pickAll = (arrays: Named<HostArray>): Named<HostArray> => Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, pick(array)]));
  return { ...inputs, to: pickAll(inputs.to), from: pickAll(inputs.from) };
};

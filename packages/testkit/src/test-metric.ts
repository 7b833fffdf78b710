import { fold, type HostArray, integer, key, type Metric, normal, permutation, type Seen } from '@codistill/core';
import { jsonLaw } from './json-law.ts';
import { insist, type Law, testLaws } from './law.ts';

/** How the invented nodes answer. */
type Answer = 'noise' | 'truth' | 'extreme';

type Result = ReturnType<Metric['result']>;

const rows = (classes: number, values: readonly (readonly number[])[]): HostArray => ({
  shape: [values.length, classes],
  values: Float32Array.from(values.flat()),
});

/** `examples` examples on which every class occurs: half of them soft labels, logits as `answer` says. */
const seen = (metric: Metric, classes: number, examples: number, answer: Answer): Seen => {
  const root = fold(key(23), metric.name);
  const truth = Array.from({ length: examples }, (_, i) => (i < classes ? i : integer(fold(root, 'label', i), classes)));
  const noise = (who: string, i: number): number[] => [...normal(fold(root, who, i), classes)];
  const logitsOf = {
    noise: (who: string) => truth.map((_, i) => noise(who, i)),
    truth: () => truth.map((label) => Array.from({ length: classes }, (__, c) => (c === label ? 30 : 0))),
    extreme: (who: string) => truth.map((_, i) => noise(who, i).map((z) => Math.sign(z) * 1e4)),
  }[answer];
  return {
    ids: Int32Array.from({ length: examples }, (_, i) => 3 * i),
    labels: {
      class: rows(
        classes,
        truth.map((label, i) => Array.from({ length: classes }, (_, c) => (i % 2 === 0 ? Number(c === label) : c === label ? 0.75 : 0.25 / (classes - 1)))),
      ),
    },
    readings: { logits: rows(classes, logitsOf('first')) },
    other: metric.of === 'pair' ? { logits: rows(classes, logitsOf('second')) } : {},
  };
};

/** Examples `order` of a batch, as a batch. */
const pick = (batch: Seen, order: ArrayLike<number>): Seen => {
  const take = (arrays: Seen['labels']): Seen['labels'] =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, { shape, values }]) => {
        const width = values.length / (shape[0] ?? 1);
        return [name, { shape: [order.length, ...shape.slice(1)], values: Float32Array.from(Array.from(order, (i) => [...values.subarray(i * width, (i + 1) * width)]).flat()) }];
      }),
    );
  return { ids: Int32Array.from(order, (i) => batch.ids[i] ?? -1), labels: take(batch.labels), readings: take(batch.readings), other: take(batch.other) };
};

const measure = (metric: Metric, classes: number, batches: readonly Seen[]): Result =>
  metric.result(batches.reduce((state, batch) => metric.update(state, batch), metric.init(classes)));

const numbers = (result: Result): readonly number[] => (typeof result === 'number' ? [result] : result.flat());

/** Equal but for the rounding of a sum in another order. */
const same = (a: Result, b: Result): boolean => {
  const [left, right] = [numbers(a), numbers(b)];
  return left.length === right.length && left.every((x, i) => Math.abs(x - (right[i] ?? Number.NaN)) <= 1e-9 * (1 + Math.abs(x)));
};

/** All numbers of a batch, to compare. */
const contents = ({ ids, labels, readings, other }: Seen): string =>
  JSON.stringify([[...ids], ...[labels, readings, other].map((arrays) => Object.values(arrays).map(({ values }) => [...values]))]);

const print = (result: Result): string => JSON.stringify(result);

/**
 * What must hold of every metric of class labels and logits, of one node or of a pair. Needs no tensors.
 *
 * @param metric - the one under test
 * @returns laws for {@link testLaws}
 * @example
 * declare const accuracy: Metric<'accuracy'>;
 * console.log(metricLaws(accuracy).map((law) => law.name));
 */
export const metricLaws = (metric: Metric): readonly Law[] => {
  const classes = 4;
  const batch = seen(metric, classes, 40, 'noise');
  const first = pick(batch, Array.from({ length: 25 }, (_, i) => i));
  const second = pick(batch, Array.from({ length: 15 }, (_, i) => 25 + i));
  const laws: Law[] = [
    jsonLaw(metric, `metric '${metric.name}'`),
    {
      name: 'gives a finite number, or a table of them, for 2 and 100 classes and logits of ±10000',
      check: () => {
        for (const c of [2, classes, 100]) {
          for (const answer of ['noise', 'truth', 'extreme'] as const) {
            const result = measure(metric, c, [seen(metric, c, 150, answer)]);
            insist(numbers(result).every(Number.isFinite), () => `with ${c} classes and logits '${answer}' it gives ${print(result)}`);
          }
        }
      },
    },
    {
      name: 'does not care how examples are split into batches',
      check: () => {
        const whole = measure(metric, classes, [batch]);
        const parts = measure(metric, classes, [first, second]);
        const singly = measure(metric, classes, Array.from(batch.ids, (_, i) => pick(batch, [i])));
        insist(same(whole, parts), () => `one batch gives ${print(whole)}, the same examples in two ${print(parts)}`);
        insist(same(whole, singly), () => `one batch gives ${print(whole)}, the same examples one by one ${print(singly)}`);
      },
    },
    {
      name: 'does not care in which order batches and examples come',
      check: () => {
        const forward = measure(metric, classes, [first, second]);
        const backward = measure(metric, classes, [second, first]);
        const shuffled = measure(metric, classes, [pick(batch, permutation(key(5), 40))]);
        insist(same(forward, backward), () => `two batches give ${print(forward)}, in the other order ${print(backward)}`);
        insist(same(forward, shuffled), () => `in order it gives ${print(forward)}, shuffled ${print(shuffled)}`);
      },
    },
    {
      name: 'starts anew with each init, and leaves what it is shown as it is',
      check: () => {
        const own = seen(metric, classes, 40, 'noise');
        const shown = contents(own);
        const once = print(measure(metric, classes, [own]));
        insist(contents(own) === shown, () => 'it changed the batch it was shown');
        const idle = metric.init(classes);
        const untouched = JSON.stringify(idle);
        metric.update(metric.init(classes), own);
        insist(JSON.stringify(idle) === untouched, () => 'updating one state changed another: init shares something between them');
        insist(print(measure(metric, classes, [own])) === once, () => 'a second run over the same batch gives another result');
      },
    },
    {
      name: 'keeps plain data: a state that went through JSON goes on as before',
      check: () => {
        const straight = metric.update(metric.update(metric.init(classes), first), second);
        const stored: unknown = JSON.parse(JSON.stringify(metric.update(metric.init(classes), first)));
        const resumed = metric.update(stored, second);
        insist(print(metric.result(straight)) === print(metric.result(resumed)), () => `uninterrupted it gives ${print(metric.result(straight))}, through JSON ${print(metric.result(resumed))}`);
        insist(print(metric.result(straight)) === print(metric.result(straight)), () => 'asking for the result twice gives two results');
      },
    },
    {
      name: 'reads nothing but what it declares',
      check: () => {
        const guard = (arrays: Seen['labels'], what: string, allowed: readonly string[]): Seen['labels'] =>
          new Proxy(arrays, {
            get: (target, name) => {
              insist(typeof name === 'string' && allowed.includes(name), () => `it reads ${what} '${String(name)}' but declares only ${allowed.join(', ') || 'none'}`);
              return target[name];
            },
          });
        metric.update(metric.init(classes), {
          ids: batch.ids,
          labels: guard(batch.labels, 'labels', ['class']),
          readings: guard(batch.readings, 'the reading', metric.needs),
          other: guard(batch.other, 'the other node’s reading', metric.of === 'pair' ? metric.needs : []),
        });
      },
    },
  ];
  if (metric.better !== 'neither') {
    laws.push({
      name: `is ${metric.better} for a perfect prediction than for noise`,
      check: () => {
        const [perfect = Number.NaN] = numbers(measure(metric, classes, [seen(metric, classes, 40, 'truth')]));
        const [noise = Number.NaN] = numbers(measure(metric, classes, [batch]));
        insist(metric.better === 'higher' ? perfect > noise : perfect < noise, () => `a perfect prediction gives ${perfect}, noise ${noise}`);
      },
    });
  }
  return laws;
};

/**
 * Tests a metric against {@link metricLaws} with the test runner whose `describe` and `it` are global.
 *
 * @example
 * declare const accuracy: Metric<'accuracy'>;
 * testMetric(accuracy);
 */
export const testMetric = (metric: Metric): void => {
  testLaws(metric.name, metricLaws(metric));
};

import type { Evaluation, Named, Scores } from '@codistill/core';
import { count, figure } from './figure.ts';
import { measureName } from './measure-name.ts';
import { plainTable } from './plain-table.ts';

/**
 * Gives a share its confidence interval, from how many of how many; `wilsonInterval` of `@codistill/metrics` is one.
 *
 * @example
 * const whole: IntervalOf = () => ({ lower: 0, upper: 1 });
 */
export type IntervalOf = (successes: number, trials: number) => { readonly lower: number; readonly upper: number };

/**
 * What was measured on a split, as a table: a row per node and one for the ensemble, a column per measure, and the parameters.
 *
 * @param evaluation - from `run.evaluate`; measures that are tables themselves are left out, and `–` stands for what has no value
 * @param parameters - how many each node has (the ensemble's under `'ensemble'`); may be empty
 * @param options - `interval`: if given, the accuracy shows its confidence interval
 * @returns lines of box-drawing characters without colours, no newline at the end
 * @example
 * declare const evaluation: Evaluation;
 * console.log(scoreTable(evaluation, { teacher: 11_689_512, small: 78_042 }));
 */
export const scoreTable = (evaluation: Evaluation, parameters: Named<number>, { interval }: { readonly interval?: IntervalOf } = {}): string => {
  const scores: readonly (readonly [string, Scores])[] = [
    ...Object.entries(evaluation.nodes),
    ...(evaluation.ensemble === undefined ? [] : [['ensemble', evaluation.ensemble] as const]),
  ];
  const measures = [...new Set(scores.flatMap(([, { numbers }]) => Object.keys(numbers)))];
  const cell = (measure: string, value: number | undefined): string => {
    if (interval === undefined || measure !== 'accuracy' || value === undefined || Number.isNaN(value)) return figure(value);
    const { lower, upper } = interval(Math.round(value * evaluation.examples), evaluation.examples);
    return `${figure(value)} [${figure(lower)}, ${figure(upper)}]`;
  };
  return plainTable(
    ['', ...measures.map(measureName), 'parameters'],
    scores.map(([name, { numbers }]) => {
      const size = parameters[name];
      return [name, ...measures.map((measure) => cell(measure, numbers[measure])), size === undefined ? '–' : count(size)];
    }),
  );
};

import { CodistillError, type Named, say } from '@codistill/core';
import { measureName } from './measure-name.ts';
import { plainTable } from './plain-table.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** With n − 1 in the denominator; NaN of a single value. */
const deviation = (values: readonly number[]): number => {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
};

const spread = (values: readonly number[], sign = ''): string => {
  if (values.length === 0) return '–';
  const centre = mean(values);
  const centred = `${centre >= 0 ? sign : ''}${centre.toFixed(4)}`;
  return values.length === 1 ? centred : `${centred} ± ${deviation(values).toFixed(4)}`;
};

/**
 * Arms of an experiment side by side: for each measure mean ± standard deviation over the seeds, and the difference to a baseline arm,
 * seed by seed (paired: what a seed does to both arms alike cancels).
 *
 * @param arms - by arm and measure, one value per seed, in the same order of seeds everywhere
 * @param options - `baseline`: the arm to subtract; without it there are no difference columns
 * @returns lines of box-drawing characters without colours, no newline at the end
 * @throws CodistillError `NO_SUCH_ARM`, `SEEDS_DIFFER`
 * @example
 * console.log(armsTable({ ce: { accuracy: [0.9, 0.91] }, kd: { accuracy: [0.92, 0.92] } }, { baseline: 'ce' }));
 */
export const armsTable = <const Arms extends string>(
  arms: Readonly<Record<Arms, Named<readonly number[]>>>,
  { baseline }: { readonly baseline?: NoInfer<Arms> } = {},
): string => {
  const byName: Named<Named<readonly number[]>> = arms;
  const reference = baseline === undefined ? undefined : byName[baseline];
  if (baseline !== undefined && reference === undefined) {
    throw new CodistillError('NO_SUCH_ARM', say.reports.noSuchArm(baseline, Object.keys(byName)));
  }

  const difference = (arm: string, measure: string, values: readonly number[]): string => {
    const base = reference?.[measure] ?? [];
    if (arm === baseline || values.length === 0 || base.length === 0) return '–';
    if (values.length !== base.length) {
      throw new CodistillError('SEEDS_DIFFER', say.reports.seedsDiffer(measure, arm, values.length, baseline ?? '', base.length));
    }
    return spread(
      values.map((value, seed) => value - (base[seed] ?? Number.NaN)),
      '+',
    );
  };

  const measures = [...new Set(Object.values(byName).flatMap((measured) => Object.keys(measured)))];
  return plainTable(
    ['', ...measures.flatMap((measure) => [measureName(measure), ...(baseline === undefined ? [] : [`− ${baseline}`])]), 'seeds'],
    Object.entries(byName).map(([arm, measured]) => [
      arm,
      ...measures.flatMap((measure) => {
        const values = measured[measure] ?? [];
        return [spread(values), ...(baseline === undefined ? [] : [difference(arm, measure, values)])];
      }),
      String(Math.max(0, ...Object.values(measured).map((values) => values.length))),
    ]),
  );
};

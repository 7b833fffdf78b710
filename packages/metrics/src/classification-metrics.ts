import type { Metric } from '@codistill/core';
import { accuracy } from './accuracy.ts';
import { ece } from './ece.ts';
import { f1 } from './f1.ts';
import { nll } from './nll.ts';

/**
 * What is measured of a classifier where nobody says otherwise: accuracy, macro F1, NLL, and ECE in 15 bins.
 *
 * @example
 * console.log(classificationMetrics().map((metric) => metric.name)); // ['accuracy', 'macroF1', 'nll', 'ece']
 */
export const classificationMetrics = (): readonly Metric[] => [accuracy(), f1({ average: 'macro' }), nll(), ece()];

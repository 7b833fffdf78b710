import type { Metric } from '@codistill/core';
import { type Confusion, fromConfusion, marginals } from './from-confusion.ts';

/**
 * The mean recall over the classes that occur: accuracy as if all classes were equally frequent. Unlike macro recall it leaves out
 * classes without an example. NaN of no examples.
 *
 * @example
 * const metric = balancedAccuracy();
 * console.log(metric.name); // 'balancedAccuracy'
 */
export const balancedAccuracy = (): Metric<'balancedAccuracy', Confusion> =>
  fromConfusion('balancedAccuracy', (confusion) => {
    const { right, actual } = marginals(confusion);
    const recalls = actual.flatMap((count, c) => (count === 0 ? [] : [(right[c] ?? 0) / count]));
    return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
  });

import type { Scheduled } from '@codistill/core';
import { times } from '@codistill/schedulers';

/**
 * What each of several sources weighs where they share a weight. A weight of 0 stays the number 0, so that the loss is left out.
 *
 * @param count - how many sources
 * @example
 * const each = sharedBy(2, 0.5); // 0.25
 */
export const sharedBy = (count: number, weight: Scheduled): Scheduled => (typeof weight === 'number' ? weight / count : count === 1 ? weight : times(1 / count, weight));

import { CodistillError, say } from '@codistill/core/host';
import type { ImageSet } from './image-set.ts';

/**
 * The first examples of each class, as many of one class as of another: what is left where labels are few.
 *
 * @param set - whose labels count
 * @param ids - to choose from
 * @param limit - how many at most, in all
 * @throws CodistillError `OPTION_INVALID` for fewer than one of each class
 * @example
 * declare const set: ImageSet;
 * const ids = fewOfEach(set, Int32Array.of(0, 1, 2, 3, 4, 5), 4);
 */
export const fewOfEach = ({ source, labels, classNames }: ImageSet, ids: Int32Array, limit: number): Int32Array => {
  const most = Math.floor(limit / classNames.length);
  if (!Number.isSafeInteger(limit) || most < 1) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid(source.name, 'limit', limit, `an integer of at least ${classNames.length}, one of each class`));
  }
  const taken = new Int32Array(classNames.length);
  return ids.filter((id) => (taken[labels[id] ?? 0] as number)++ < most);
};

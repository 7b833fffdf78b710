import { CodistillError, say } from '@codistill/core/host';
import type { ImageSet } from './image-set.ts';
import { insistLabels } from './label-range.ts';

const insistUnitRange = ({ pixels, labels, names, source }: ImageSet): void => {
  if (pixels instanceof Uint8Array) return;
  const at = pixels.findIndex((value) => !(value >= 0 && value <= 1));
  if (at === -1) return;
  const id = Math.floor(at / (pixels.length / labels.length));
  throw new CodistillError('VALUE_RANGE', say.loading.valueRange(names[id] ?? `${source.name} #${id}`, pixels[at] as number));
};

const insistWholeGroups = ({ groups, splits }: ImageSet): void => {
  if (groups === undefined || splits === undefined) return;
  const home = new Map<string, string>();
  groups.forEach((group, id) => {
    const split = splits[id] ?? 'train';
    const before = home.get(group) ?? split;
    if (before !== split) throw new CodistillError('GROUP_PARTED', say.loading.groupParted(group, before, split));
    home.set(group, split);
  });
};

/**
 * Refuses a set that no batch could be made of, or whose test would say too much: whatever source it is from, so that nothing
 * fails in the middle of training.
 *
 * @throws CodistillError `CLASSES_FEW`, `PIXELS_COUNT`, `LABEL_RANGE`, `VALUE_RANGE` (NaN included), `GROUP_PARTED`
 * @example
 * declare const set: ImageSet;
 * insistWhole(set);
 */
export const insistWhole = (set: ImageSet): void => {
  const { source, shape, pixels, labels, classNames } = set;
  if (classNames.length < 2) throw new CodistillError('CLASSES_FEW', say.loading.classesFew(source.name, classNames));
  if (pixels.length !== labels.length * shape[0] * shape[1] * shape[2]) {
    throw new CodistillError('PIXELS_COUNT', say.loading.pixelsCount(source.name, pixels.length, labels.length, shape));
  }
  insistLabels(source.name, labels, classNames.length);
  insistUnitRange(set);
  insistWholeGroups(set);
};

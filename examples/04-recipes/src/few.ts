import { type ImageSet, sharedBytes } from 'codistill';

/** The same images, but of the training split only the first `limit`, equally many of each class. */
export const few = (set: ImageSet, limit: number): ImageSet => {
  const perClass = Math.max(1, Math.floor(limit / set.classNames.length));
  const taken = new Int32Array(set.classNames.length);
  const kept = [...set.labels.keys()].filter((id) => {
    if (set.splits !== undefined && set.splits[id] !== 'train') return true;
    const label = set.labels[id] ?? 0;
    taken[label] = (taken[label] ?? 0) + 1;
    return (taken[label] ?? 0) <= perClass;
  });
  const size = set.pixels.length / set.labels.length;
  const pixels = set.pixels instanceof Uint8Array ? sharedBytes(kept.length * size) : new Float32Array(kept.length * size);
  kept.forEach((id, row) => { pixels.set(set.pixels.subarray(id * size, (id + 1) * size), row * size); });
  const keep = new Set(kept);
  const of = <T>(values: readonly T[]): readonly T[] => values.filter((_, id) => keep.has(id));
  return {
    ...set,
    source: { ...set.source, options: { ...set.source.options, limit } },
    pixels,
    labels: Int32Array.from(kept, (id) => set.labels[id] ?? 0),
    names: of(set.names),
    ...(set.groups === undefined ? {} : { groups: of(set.groups) }),
    ...(set.splits === undefined ? {} : { splits: of(set.splits) }),
  };
};

import { type Batch, type Key, type Normalisation, type View, fold } from '@codistill/core/host';
import type { ImageSet } from './image-set.ts';

/**
 * What batches are made of. It crosses to worker threads as it is: pixels lie in shared memory.
 *
 * @example
 * const depth = (material: Material): number => material.shape[2];
 */
export interface Material extends Pick<ImageSet, 'shape' | 'pixels' | 'labels'> {
  readonly classes: number;
  readonly normalisation: Normalisation;
}

/**
 * Which batch is wanted.
 *
 * @example
 * const order: BatchOrder = { ids: Int32Array.of(4, 2), key: [0, 7], position: 12 };
 */
export interface BatchOrder {
  readonly ids: Int32Array;
  readonly key: Key;
  readonly position: number;
}

const unitRange = ({ shape, pixels, labels, classes }: Material, ids: Int32Array): Batch => {
  const size = shape[0] * shape[1] * shape[2];
  const values = new Float32Array(ids.length * size);
  const rows = new Float32Array(ids.length * classes);
  const unit = pixels instanceof Uint8Array ? 1 / 255 : 1;
  ids.forEach((id, row) => {
    const image = values.subarray(row * size, (row + 1) * size);
    image.set(pixels.subarray(id * size, (id + 1) * size));
    if (unit !== 1) for (let at = 0; at < size; at++) image[at] = (image[at] as number) * unit;
    rows[row * classes + (labels[id] as number)] = 1;
  });
  return {
    ids: Int32Array.from(ids),
    input: { shape: [ids.length, ...shape], values },
    labels: { class: { shape: [ids.length, classes], values: rows } },
  };
};

const normalised = (batch: Batch, { mean, std }: Normalisation): Batch => {
  const channels = mean.length;
  const from = batch.input.values;
  const values = new Float32Array(from.length);
  for (let channel = 0; channel < channels; channel++) {
    const [shift = 0, scale] = [mean[channel], 1 / (std[channel] as number)];
    for (let at = channel; at < values.length; at += channels) values[at] = ((from[at] as number) - shift) * scale;
  }
  return { ...batch, input: { shape: batch.input.shape, values } };
};

/**
 * Makes the batches of one position, one per view: bytes to unit range, the shared augmentations, the view, the normalisation.
 * Pure: the same in every thread.
 *
 * @param material - images, labels, normalisation
 * @param order - which examples, with which randomness
 * @param augmentations - applied once, for all views
 * @param views - `undefined` for the examples as they are
 * @example
 * declare const material: Material;
 * const [batch] = makeBatches(material, { ids: Int32Array.of(0), key: [0, 7], position: 0 }, [], [undefined]);
 */
export const makeBatches = (material: Material, { ids, key, position }: BatchOrder, augmentations: readonly View[], views: readonly (View | undefined)[]): readonly Batch[] => {
  const shared = augmentations.reduce((batch, view, index) => view.apply(batch, fold(key, 'augment', position, index)), unitRange(material, ids));
  return views.map((view, index) => normalised(view === undefined ? shared : view.apply(shared, fold(key, 'view', position, index)), material.normalisation));
};

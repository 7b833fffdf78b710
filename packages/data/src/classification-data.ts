import { availableParallelism } from 'node:os';
import { CodistillError, type Data, type Normalisation, type PartOptions, type View, classification, key, say } from '@codistill/core/host';
import { openPool } from './batch-pool.ts';
import { channelStatistics } from './channel-statistics.ts';
import { fewOfEach } from './few-of-each.ts';
import type { ImageSet, Split } from './image-set.ts';
import { insistWhole } from './insist-whole.ts';
import type { Material } from './make-batches.ts';
import { splitLoader } from './split-loader.ts';
import { sharesOf, splitsOf } from './splits-of.ts';

/**
 * How a set of images becomes batches.
 *
 * @example
 * const options: BatchingOptions = { batch: 32, validation: 0.1, test: 0.2, balanced: true };
 */
export interface BatchingOptions {
  /** Examples per step; default 32 (our choice). */
  readonly batch?: number;
  /** Share of examples held out for validation; default 0.1, or 0 where the source has splits of its own. */
  readonly validation?: number;
  /** Share of examples held out for the test; default 0.2, or 0 where the source has splits of its own. */
  readonly test?: number;
  /** Seed of that split, apart from the run's seed so that runs are compared on the same examples; default 0. */
  readonly splitSeed?: number;
  /** `'dataset'` (default): mean and deviation of the training split, per channel; `'unit'`: none; or numbers of your own. */
  readonly normalise?: 'dataset' | 'unit' | Normalisation;
  /** Augmentations of the training split that all nodes share; nodes' own are `.views(...)` of the chain. Default none. */
  readonly augment?: readonly View[];
  /** Draw each class equally often; default false. */
  readonly balanced?: boolean;
  /** Train on so many examples at most, the first of each class, equally many of each; default all. The other splits are as large as ever. */
  readonly limit?: number;
  /** Leave out an epoch's last batch if it is smaller; default false. */
  readonly dropLast?: boolean;
  /** Worker threads that make training batches; default 1 where there is more than one core and there are augmentations, else 0. */
  readonly workers?: number;
}

/** Positions a worker is ahead of training: one being made, one waiting. */
const AHEAD = 2;

const insistNormalisation = ({ mean, std }: Normalisation, channels: number): void => {
  const whole = mean.length === channels && std.length === channels && mean.every(Number.isFinite) && std.every((value) => value > 0 && value < Infinity);
  if (!whole) throw new CodistillError('NORMALISE_INVALID', say.loading.normaliseInvalid(channels));
};

const idsOf = (splits: readonly Split[], split: Split): Int32Array =>
  Int32Array.from(splits.keys()).filter((id) => splits[id] === split);

/**
 * Makes a classification data set of images in memory: splits, statistics, loaders.
 *
 * Splits are the source's own; those that it lacks are drawn if it has none at all, or if you give their share: stratified by class, or
 * by group where examples have groups.
 *
 * @param set - from `imageFolder`'s relatives (`readIdx`, `readNpz`, …)
 * @param options - see {@link BatchingOptions}
 * @throws CodistillError `BATCH_INVALID`, `BATCH_TOO_LARGE`, `WORKERS_INVALID`, `NORMALISE_INVALID`, `SPLIT_MISSING`, `SPLIT_TWICE`,
 *   `FRACTIONS`, `SPLIT_EMPTY`, and those of a set that is not whole: `CLASSES_FEW`, `PIXELS_COUNT`, `LABEL_RANGE`, `VALUE_RANGE`,
 *   `GROUP_PARTED`
 * @example
 * declare const set: ImageSet;
 * const data = classificationData(set, { batch: 32 });
 */
export const classificationData = <const Classes extends number = number>(
  set: ImageSet,
  {
    batch = 32,
    validation,
    test,
    splitSeed = 0,
    normalise = 'dataset',
    augment = [],
    balanced = false,
    limit,
    dropLast = false,
    workers = augment.length > 0 && availableParallelism() > 1 ? 1 : 0,
  }: BatchingOptions = {},
): Data<'class', Classes> => {
  if (!Number.isSafeInteger(batch) || batch < 1) throw new CodistillError('BATCH_INVALID', say.loading.batchInvalid(batch));
  if (!Number.isSafeInteger(workers) || workers < 0) throw new CodistillError('WORKERS_INVALID', say.loading.workersInvalid(workers));
  insistWhole(set);
  const shares = sharesOf(set, { ...(validation === undefined ? {} : { validation }), ...(test === undefined ? {} : { test }) });
  const splits = splitsOf(set, shares, key(splitSeed));
  const all = idsOf(splits, 'train');
  const train = limit === undefined ? all : fewOfEach(set, all, limit);
  if (train.length === 0) throw new CodistillError('SPLIT_MISSING', say.loading.splitMissing('train'));
  if (batch > train.length) throw new CodistillError('BATCH_TOO_LARGE', say.loading.batchTooLarge(batch, train.length));

  const channels = set.shape[2];
  const unit: Normalisation = { mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1) };
  if (typeof normalise !== 'string') insistNormalisation(normalise, channels);
  const normalisation = normalise === 'unit' ? unit : normalise === 'dataset' ? channelStatistics(set, train) : normalise;
  const material: Material = { shape: set.shape, pixels: set.pixels, labels: set.labels, classes: set.classNames.length, normalisation };
  const pool = openPool(material, augment, workers);
  const plain = openPool(material, [], 0);
  const common = { labels: set.labels, batch, dropLast: false, balanced: false, shuffled: false, ahead: 0 };
  const held = (split: Split): Data['test'] => {
    const ids = idsOf(splits, split);
    return ids.length === 0 ? undefined : splitLoader({ ...common, ids }, plain);
  };
  const options: PartOptions = {
    ...set.source.options,
    batch,
    ...(set.splits === undefined || shares.validation + shares.test > 0 ? { ...shares, splitSeed } : {}),
    ...(normalise === 'dataset' ? {} : { normalise: typeof normalise === 'string' ? normalise : { mean: normalise.mean, std: normalise.std } }),
    ...(augment.length === 0 ? {} : { augment }),
    ...(balanced ? { balanced } : {}),
    ...(limit === undefined ? {} : { limit }),
    ...(dropLast ? { dropLast } : {}),
    ...(set.skipped > 0 ? { skipped: set.skipped } : {}),
  };
  return {
    package: '@codistill/data',
    name: set.source.name,
    options,
    task: classification(set.classNames.length as Classes, set.classNames),
    input: set.shape,
    normalisation,
    train: splitLoader({ ...common, ids: train, shuffled: true, balanced, dropLast, ahead: workers > 0 ? AHEAD : 0 }, pool),
    validation: held('validation'),
    test: held('test'),
    notices: [...(set.skipped > 0 ? [{ code: 'IMAGES_SKIPPED', sentence: say.loading.imagesSkipped(set.skipped, set.names.length + set.skipped) }] : []), ...pool.notices],
    close: () => pool.close(),
  };
};

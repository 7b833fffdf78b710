import { type Batch, type Data, defineView, describe, type HostArray, type Key, key, type Loader, permutation, printPart, sizeOf, type View } from '@codistill/core';
import { jsonLaw } from './json-law.ts';
import { insist, type Law, testLaws } from './law.ts';

/**
 * What the laws should know of a data set.
 *
 * @example
 * const options: LoaderLawOptions = { balanced: true };
 */
export interface LoaderLawOptions {
  /** Whether an epoch of training draws examples by class rather than each one once; default false. */
  readonly balanced?: boolean;
  /** Whether training is shuffled; default true. */
  readonly shuffled?: boolean;
  /** Whether views see numbers from 0 to 1, as they do of images; default true. */
  readonly unitRange?: boolean;
}

const KEY = key(41);
const OTHER = key(42);
const PLAIN: readonly (View | undefined)[] = [undefined];

const one = async (loader: Loader, position: number, own: Key = KEY, views = PLAIN): Promise<Batch> => {
  const batches = await loader.at(position, own, views);
  const [batch] = batches;
  insist(batch !== undefined && batches.length === views.length, () => `at(${position}, …) gave ${batches.length} batches for ${views.length} views.`);
  return batch;
};

/** Positions of one epoch. */
const positions = (loader: Loader, epoch = 0): readonly number[] => Array.from({ length: loader.batches }, (_, index) => epoch * loader.batches + index);

/** Ids of one epoch, in order. */
const epochIds = async (loader: Loader, epoch = 0, own: Key = KEY): Promise<number[]> => {
  const ids: number[] = [];
  for (const position of positions(loader, epoch)) ids.push(...(await one(loader, position, own)).ids);
  return ids;
};

const arraysOf = (batch: Batch): readonly (readonly [string, HostArray])[] => [['input', batch.input], ...Object.entries(batch.labels).map(([name, array]) => [`labels.${name}`, array] as const)];

/** All numbers of batches, to compare. */
const contents = (batches: readonly Batch[]): string =>
  batches.map((batch) => [batch.ids, ...arraysOf(batch).flatMap(([, { shape, values }]) => [shape, values])].map((numbers) => numbers.join()).join(';')).join('|');

const print = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** The sentence of what is wrong with a batch, if anything. */
const fault = (batch: Batch, data: Data, size: number): string | undefined => {
  if (batch.ids.length !== size) return `has ${batch.ids.length} examples where ${size} were due`;
  const [negative] = batch.ids.filter((id) => id < 0);
  if (negative !== undefined) return `has the id ${negative}: ids count from 0`;
  const { kind, classes } = data.task;
  const inner = batch.input.shape.slice(1);
  if (print(inner) !== print(data.input)) return `has input of shape ${print(inner)} an example where the data declares ${print(data.input)}`;
  const rows = batch.labels[kind === 'boxes' ? 'boxClass' : kind];
  if (rows === undefined) return `has no labels.${kind}, which the task '${kind}' declares`;
  if (kind === 'class' && print(rows.shape) !== print([size, classes])) return `has labels.class of shape ${print(rows.shape)}, not ${print([size, classes])}`;
  for (const [name, { shape, values }] of arraysOf(batch)) {
    if (shape[0] !== size) return `has ${name} of shape ${print(shape)}: its first axis is the batch, ${size}`;
    if (values.length !== sizeOf(shape)) return `has ${values.length} numbers in ${name} of shape ${print(shape)}`;
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at !== -1) return `has ${String(values[at])} in ${name}, in the example of id ${String(batch.ids[Math.floor(at / (values.length / size))])}`;
  }
  if (kind === 'class' || kind === 'mask') {
    for (let from = 0; from < rows.values.length; from += classes) {
      const row = rows.values.subarray(from, from + classes);
      const sum = row.reduce((total, share) => total + share, 0);
      if (!(Math.abs(sum - 1) < 1e-5 && row.every((share) => share >= 0))) return `has the label row ${print([...row])}: a row is a distribution, its sum 1`;
    }
  }
  return undefined;
};

/** The laws that every split keeps. */
const splitLaws = (data: Data, split: string, loader: Loader, eachOnce: boolean): readonly Law[] => [
  {
    name: `${split}: batches are whole, finite and labelled`,
    check: async () => {
      const { examples, batchSize, batches } = loader;
      insist(batches === Math.ceil(examples / batchSize) && batches > 0, () => `the ${split} split says ${batches} batches of ${batchSize} for ${examples} examples.`);
      for (const position of positions(loader)) {
        const due = position === batches - 1 ? examples - (batches - 1) * batchSize : batchSize;
        const wrong = fault(await one(loader, position), data, due);
        insist(wrong === undefined, () => `batch ${position} of the ${split} split ${wrong ?? ''}.`);
      }
    },
  },
  ...(eachOnce
    ? [
        {
          name: `${split}: an epoch has every example once`,
          check: async () => {
            for (const epoch of [0, 1]) {
              const ids = await epochIds(loader, epoch);
              const twice = ids.find((id, index) => ids.indexOf(id) !== index);
              insist(twice === undefined, () => `epoch ${epoch} of the ${split} split has the example of id ${String(twice)} twice.`);
              insist(ids.length === loader.examples, () => `epoch ${epoch} of the ${split} split has ${ids.length} examples, not ${loader.examples}.`);
            }
          },
        },
      ]
    : []),
  {
    name: `${split}: the position determines the bytes`,
    check: async () => {
      const asked = Array.from(permutation(KEY, Math.min(2 * loader.batches, 12)), (index) => index);
      const first = new Map<number, string>();
      for (const position of asked) {
        const made = await loader.at(position, KEY, PLAIN);
        first.set(position, contents(made));
        // Whoever gets a batch may write into it.
        for (const batch of made) for (const [, { values }] of arraysOf(batch)) values.fill(Number.NaN);
        await loader.at(position + 1, OTHER, [undefined, undefined]);
      }
      for (const position of asked.toSorted((a, b) => a - b)) {
        const again = contents(await loader.at(position, KEY, PLAIN));
        insist(again === first.get(position), () => `position ${position} of the ${split} split gave other bytes when asked again, in another order.`);
      }
      const [together, next] = await Promise.all([loader.at(0, KEY, PLAIN), loader.at(1, KEY, PLAIN)]);
      const apart = [await loader.at(0, KEY, PLAIN), await loader.at(1, KEY, PLAIN)];
      insist(contents([...together, ...next]) === contents(apart.flat()), () => `positions 0 and 1 of the ${split} split gave other bytes when asked for at the same time.`);
    },
  },
];

/** Pictures made by `change`, pixel by pixel. */
const pixelwise = (name: string, change: (pixel: number, own: Key) => number): View =>
  defineView({ name }, (batch, own) => ({ ...batch, input: { shape: batch.input.shape, values: batch.input.values.map((pixel) => change(pixel, own)) } }));

const viewLaw = (data: Data, unitRange: boolean): Law => ({
  name: 'train: views are of the same examples, come before the normalisation, and get keys of their own',
  check: async () => {
    const { mean, std } = data.normalisation;
    const channels = mean.length;
    const same = pixelwise('same', (pixel) => pixel);
    const negative = pixelwise('negative', (pixel) => 1 - pixel);
    const [plain, again, unchanged, inverted] = await data.train.at(0, KEY, [undefined, undefined, same, negative]);
    insist(plain !== undefined && again !== undefined && unchanged !== undefined && inverted !== undefined, () => 'at(0, …) gave fewer than 4 batches for 4 views.');
    insist(contents([plain]) === contents([again]), () => 'two nodes without a view see different batches.');
    insist(inverted.ids.join() === plain.ids.join(), () => 'two views of one position are of different examples.');
    insist(contents([plain]) === contents([unchanged]), () => 'a view that changes nothing gives another batch than no view.');
    plain.input.values.forEach((value, at) => {
      const [m, s] = [mean[at % channels] ?? 0, std[at % channels] ?? 1];
      const pixel = value * s + m;
      insist(!unitRange || (pixel > -1e-4 && pixel < 1 + 1e-4), () => `a pixel is ${pixel} without its normalisation: views see numbers from 0 to 1, or say unitRange: false.`);
      const [want, has] = [(1 - pixel - m) / s, inverted.input.values[at] ?? Number.NaN];
      insist(Math.abs(has - want) <= 1e-4 * (1 + Math.abs(want)), () => `a view made ${1 - pixel} of a pixel, which became ${has}: its normalisation is ${want}.`);
    });

    // A picture of its key.
    const stamp = pixelwise('stamp', (_, own) => (own[0] % 4096) / 4096);
    const stamped = async (position: number, own: Key): Promise<number | undefined> => (await one(data.train, position, own, [stamp])).input.values[0];
    const [first, twice, next, other] = [await stamped(0, KEY), await stamped(0, KEY), await stamped(1, KEY), await stamped(0, OTHER)];
    insist(first === twice, () => 'a view got two keys at one position: draw them from the key that at is given.');
    insist(first !== next, () => 'a view got one key at positions 0 and 1: fold the position into it.');
    insist(first !== other, () => 'a view got one key from two seeds: fold the position into the key that at is given.');
  },
});

/**
 * What must hold of every data set: of its training split, and of validation and test where it has them. Needs no tensors.
 *
 * - It describes itself as JSON.
 * - Batches have the declared shapes and sizes, finite numbers, and rows of labels that sum to 1.
 * - The position determines the bytes, whatever was asked before, and whoever wrote into what he got.
 * - An epoch has every example once; the next epoch has them in another order, as has another seed.
 * - Validation and test come in one order, whatever the seed.
 * - Views of one position are of the same examples, see numbers from 0 to 1, and get keys of their own.
 *
 * @param data - the one under test; some dozens of examples are enough, and whoever opened it closes it
 * @param options - see {@link LoaderLawOptions}
 * @returns laws to register with `testLaws`, or to check one by one
 * @example
 * for (const law of loaderLaws(blobs(), { unitRange: false })) await law.check();
 */
export const loaderLaws = (data: Data, { balanced = false, shuffled = true, unitRange = true }: LoaderLawOptions = {}): readonly Law[] => {
  const held = Object.entries({ validation: data.validation, test: data.test }).flatMap(([split, loader]) => (loader === undefined ? [] : [[split, loader] as const]));
  return [
    jsonLaw(data, `data '${data.name}'`),
    ...splitLaws(data, 'train', data.train, !balanced),
    ...(shuffled
      ? [
          {
            name: 'train: each epoch and each seed has its own order',
            check: async () => {
              const [first, second, other] = [await epochIds(data.train, 0), await epochIds(data.train, 1), await epochIds(data.train, 0, OTHER)];
              insist(first.join() !== second.join(), () => 'epochs 0 and 1 have one order: shuffle by the epoch, or say shuffled: false.');
              insist(first.join() !== other.join(), () => 'two seeds have one order: shuffle by the key that at is given, or say shuffled: false.');
            },
          },
        ]
      : []),
    viewLaw(data, unitRange),
    ...held.flatMap(([split, loader]) => [
      ...splitLaws(data, split, loader, true),
      {
        name: `${split}: comes in one order, whatever the seed`,
        check: async () => {
          for (const position of positions(loader)) {
            const made = contents([await one(loader, position)]);
            insist(made === contents([await one(loader, position, OTHER)]), () => `batch ${position} of the ${split} split differs between two seeds: do not shuffle or augment it.`);
            insist(made === contents([await one(loader, position + loader.batches)]), () => `batch ${position} of the ${split} split differs between two epochs: do not shuffle or augment it.`);
          }
        },
      },
    ]),
  ];
};

/**
 * Registers the laws of a data set as tests with jest, or any runner with global `describe` and `it`.
 *
 * @param data - the one under test: `testLoader(await openMine())`
 * @param options - see {@link LoaderLawOptions}
 * @throws Error where no runner is found
 * @example
 * testLoader(blobs(), { unitRange: false });
 */
export const testLoader = (data: Data, options: LoaderLawOptions = {}): void => {
  testLaws(`laws of ${printPart(describe(data))}`, loaderLaws(data, options));
};

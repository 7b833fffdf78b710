import { type Batch, describe, fold, type HostArray, type Key, key, type PartSpec, printPart, uniform, type View } from '@codistill/core';
import { jsonLaw } from './json-law.ts';
import { insist, type Law, testLaws } from './law.ts';

/**
 * What the laws should know of a view.
 *
 * @example
 * const options: ViewLawOptions = { inputs: [[32, 32, 3]], random: false };
 */
export interface ViewLawOptions {
  /** Shapes of one example to try; default colour, grey and not square, and a single pixel. */
  readonly inputs?: readonly (readonly [height: number, width: number, channels: number])[];
  /** Whether the view draws from its key; default true. */
  readonly random?: boolean;
  /**
   * How worker threads make a view of its description, such as `rebuildView` of `@codistill/data`. Where it is given, a view of a
   * package must come out the same.
   */
  readonly rebuild?: (part: PartSpec) => Promise<View | undefined>;
}

type Shape = readonly [height: number, width: number, channels: number];

const INPUTS: readonly Shape[] = [[8, 8, 3], [5, 7, 1], [1, 1, 3]];
const CLASSES = 3;
const KEYS: readonly Key[] = Array.from({ length: 12 }, (_, index) => fold(key(31), 'view', index));

/** One-hot rows, every second one half of another class. */
const labels = (examples: number): HostArray => ({
  shape: [examples, CLASSES],
  values: Float32Array.from({ length: examples * CLASSES }, (_, at) => {
    const [row, label] = [Math.floor(at / CLASSES), at % CLASSES];
    const [first, second] = [row % CLASSES, (row + 1) % CLASSES];
    return row % 2 === 0 ? Number(label === first) : 0.5 * (Number(label === first) + Number(label === second));
  }),
});

const batchOf = (shape: Shape, examples: number, fill?: number): Batch => {
  const size = examples * shape[0] * shape[1] * shape[2];
  const values = fill === undefined ? uniform(fold(key(32), ...shape), size) : new Float32Array(size).fill(fill);
  return { ids: Int32Array.from({ length: examples }, (_, id) => 2 * id), input: { shape: [examples, ...shape], values }, labels: { class: labels(examples) } };
};

const print = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** All numbers of a batch, to compare. */
const contents = (batch: Batch): string =>
  [batch.ids, ...[batch.input, ...Object.values(batch.labels)].flatMap(({ shape, values }) => [shape, values])].map((numbers) => numbers.join()).join(';');

/** The sentence of what is wrong with a batch that a view made of `given`, if anything. */
const fault = (given: Batch, made: Batch): string | undefined => {
  if (made.ids.length !== given.ids.length) return `made ${made.ids.length} examples of ${given.ids.length}: return as many as came in`;
  const arrays: readonly (readonly [string, HostArray, HostArray | undefined])[] = [
    ['input', given.input, made.input],
    ...Object.entries(given.labels).map(([name, array]) => [`labels.${name}`, array, made.labels[name]] as const),
  ];
  for (const [name, before, after] of arrays) {
    if (after === undefined) return `left out ${name}: return everything that came in`;
    if (print(before.shape) !== print(after.shape) || after.values.length !== before.values.length) {
      return `made ${name} of shape ${print(after.shape)} (${after.values.length} numbers) of ${print(before.shape)}: keep the shape`;
    }
  }
  const outside = made.input.values.find((value) => !(value >= 0 && value <= 1));
  if (outside !== undefined) return `made a pixel ${outside}: the input must stay in [0, 1], clip it`;
  const { values } = made.labels['class'] ?? labels(0);
  for (let from = 0; from < values.length; from += CLASSES) {
    const row = values.subarray(from, from + CLASSES);
    const sum = row.reduce((total, share) => total + share, 0);
    if (!(Math.abs(sum - 1) < 1e-5 && row.every((share) => share >= 0))) return `made the label row ${print([...row])}: a row is a distribution, its sum 1`;
  }
  return undefined;
};

/**
 * What must hold of every view of images with class labels. Needs no tensors.
 *
 * - It describes itself as JSON, and what is made of that description does the same.
 * - It keeps shapes, the range [0, 1] and rows of labels that sum to 1; also of black, of white, of a single example.
 * - It is pure: same batch and key, same bytes; the batch it is given stays as it is.
 * - Other keys give other pictures, unless the options say that it is not random.
 *
 * @param view - the one under test
 * @param options - see {@link ViewLawOptions}
 * @returns laws to register with `testLaws`, or to check one by one
 * @example
 * const darker = defineView({ name: 'darker' }, (batch) => ({
 *   ...batch,
 *   input: { ...batch.input, values: batch.input.values.map((x) => x / 2) },
 * }));
 * for (const law of viewLaws(darker, { random: false })) await law.check();
 */
export const viewLaws = (view: View, { inputs = INPUTS, random = true, rebuild }: ViewLawOptions = {}): readonly Law[] => {
  const subject = `view '${view.name}'`;
  const laws: Law[] = [
    jsonLaw(view, subject),
    {
      name: 'keeps shapes, the range of pixels, and rows of labels that sum to 1',
      check: () => {
        for (const shape of inputs) {
          for (const given of [batchOf(shape, 5), batchOf(shape, 1), batchOf(shape, 4, 0), batchOf(shape, 4, 1)]) {
            for (const own of KEYS) {
              const wrong = fault(given, view.apply(given, own));
              insist(wrong === undefined, () => `${subject} ${wrong ?? ''}.`);
            }
          }
        }
      },
    },
    {
      name: 'same batch and key, same bytes',
      check: () => {
        for (const shape of inputs) {
          const given = batchOf(shape, 5);
          const forwards = KEYS.map((own) => contents(view.apply(given, own)));
          const backwards = KEYS.toReversed().map((own) => contents(view.apply(batchOf(shape, 5), own))).reverse();
          insist(
            forwards.every((made, index) => made === backwards[index]),
            () => `${subject} made two pictures of one batch with one key: draw from the key only, and keep nothing from call to call.`,
          );
        }
      },
    },
    {
      name: 'leaves the batch it is given as it is',
      check: () => {
        for (const shape of inputs) {
          const given = batchOf(shape, 5);
          const before = contents(given);
          for (const own of KEYS) view.apply(given, own);
          insist(contents(given) === before, () => `${subject} changed the batch it was given, which other nodes see as well: write into new arrays.`);
        }
      },
    },
  ];
  if (random) {
    laws.push({
      name: 'another key, another picture',
      check: () => {
        const [shape = INPUTS[0] as Shape] = inputs;
        const made = new Set(KEYS.map((own) => contents(view.apply(batchOf(shape, 5), own))));
        insist(made.size > 1, () => `${subject} made the same of ${KEYS.length} keys: draw from the key, or say random: false.`);
      },
    });
  }
  if (rebuild !== undefined && view.package !== 'local') {
    laws.push({
      name: 'is made again of its description',
      check: async () => {
        const part = describe(view);
        const again = await rebuild(JSON.parse(JSON.stringify(part)) as PartSpec);
        insist(again !== undefined, () => `${subject} cannot be made of its description: export it from '${view.package}' as '${view.name}', taking its options.`);
        for (const shape of inputs) {
          const given = batchOf(shape, 5);
          const same = KEYS.every((own) => contents(view.apply(given, own)) === contents(again.apply(given, own)));
          insist(same, () => `${subject} does something else when made of its description ${printPart(part)}: put every option that matters into it.`);
        }
      },
    });
  }
  return laws;
};

/**
 * Registers the laws of a view as tests with jest, or any runner with global `describe` and `it`.
 *
 * @param view - the one under test
 * @param options - see {@link ViewLawOptions}
 * @throws Error where no runner is found
 * @example
 * testView(defineView({ name: 'same' }, (batch) => batch), { random: false });
 */
export const testView = (view: View, options: ViewLawOptions = {}): void => {
  testLaws(`laws of ${printPart(describe(view))}`, viewLaws(view, options));
};

import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { CodistillError, say } from '@codistill/core';
import { parse } from 'csv-parse/sync';
import { type ImageForm, decodeImage } from './decode-image.ts';
import { type ImageSet, type Split, sharedBytes } from './image-set.ts';

/**
 * A table of images.
 *
 * @example
 * const options: CsvImagesOptions = { image: 'path', label: 'diagnosis', group: 'patient', size: 64, channels: 3 };
 */
export interface CsvImagesOptions extends ImageForm {
  /** Column with the path of each image, relative to the table's folder. */
  readonly image: string;
  /** Column with the name of each class. */
  readonly label: string;
  /** Column whose values never part between splits; default none. */
  readonly group?: string;
  /** Column with `train`, `val` or `test`; default none, and the split is ours. */
  readonly split?: string;
}

const SPLITS: Readonly<Record<string, Split>> = { train: 'train', val: 'validation', validation: 'validation', test: 'test' };

/**
 * Reads the images that a CSV file lists, with a header row. Classes are in alphabetical order.
 *
 * @param path - of the CSV file
 * @param options - see {@link CsvImagesOptions}
 * @throws CodistillError `COLUMN_MISSING`, `ROW_FILE_MISSING`, `SPLIT_UNKNOWN`, `FILE_UNREADABLE`, `FILE_DAMAGED`
 * @example
 * const set = await readCsvImages('slides.csv', { image: 'path', label: 'diagnosis', size: 64, channels: 3 });
 */
export const readCsvImages = async (path: string, { image, label, group, split, size, channels }: CsvImagesOptions): Promise<ImageSet> => {
  let rows: readonly Readonly<Record<string, string>>[];
  try {
    rows = parse(readFileSync(path), { columns: true, skip_empty_lines: true, bom: true, trim: true });
  } catch (error) {
    throw new CodistillError('FILE_DAMAGED', say.loading.sourceDamaged(path, (error as Error).message));
  }
  if (rows.length === 0) throw new CodistillError('FILE_DAMAGED', say.loading.sourceDamaged(path, 'it holds no rows'));
  const columns = Object.keys(rows[0] ?? {});
  for (const column of [image, label, group, split]) {
    if (column !== undefined && !columns.includes(column)) throw new CodistillError('COLUMN_MISSING', say.loading.columnMissing(path, column, columns));
  }
  const cell = (row: Readonly<Record<string, string>>, column: string): string => row[column] ?? '';
  // Row 1 is the header, as a spreadsheet counts.
  rows.forEach((row, at) => {
    if (cell(row, image) === '' || !existsSync(join(dirname(path), cell(row, image)))) throw new CodistillError('ROW_FILE_MISSING', say.loading.rowFileMissing(path, at + 2, cell(row, image)));
    if (split !== undefined && SPLITS[cell(row, split)] === undefined) throw new CodistillError('SPLIT_UNKNOWN', say.loading.splitUnknown(path, at + 2, cell(row, split)));
  });
  const bytes = size * size * channels;
  const pixels = sharedBytes(rows.length * bytes);
  let next = 0;
  const decodeSome = async (): Promise<void> => {
    while (next < rows.length) {
      const at = next++;
      pixels.set(await decodeImage(join(dirname(path), cell(rows[at] ?? {}, image)), { size, channels }), at * bytes);
    }
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, decodeSome));
  const classNames = [...new Set(rows.map((row) => cell(row, label)))].sort();
  return {
    source: { name: 'readCsvImages', options: { path, image, label, ...(group === undefined ? {} : { group }), ...(split === undefined ? {} : { split }), size, channels } },
    shape: [size, size, channels],
    pixels,
    labels: Int32Array.from(rows, (row) => classNames.indexOf(cell(row, label))),
    classNames,
    names: rows.map((row) => cell(row, image)),
    ...(group === undefined ? {} : { groups: rows.map((row) => cell(row, group)) }),
    ...(split === undefined ? {} : { splits: rows.map((row) => SPLITS[cell(row, split)] ?? 'train') }),
    skipped: 0,
  };
};

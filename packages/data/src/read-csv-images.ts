import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CodistillError, say } from '@codistill/core/host';
import { parse } from 'csv-parse/sync';
import type { ImageSet } from './image-set.ts';
import { type ImageReadingOptions, readImages } from './read-images.ts';
import { splitNamed } from './split-names.ts';

/**
 * A table of images.
 *
 * @example
 * const options: CsvImagesOptions = { image: 'path', label: 'diagnosis', group: 'patient', size: 64 };
 */
export interface CsvImagesOptions extends ImageReadingOptions {
  /** Column with the path of each image, relative to the table's folder. */
  readonly image: string;
  /** Column with the name of each class. */
  readonly label: string;
  /** Column whose values never part between splits; default none. */
  readonly group?: string;
  /** Column with `train`, `val` or `test`; default none, and the split is ours. */
  readonly split?: string;
}

type Row = Readonly<Record<string, string>>;

/**
 * Reads the images that a CSV file lists, with a header row. Files are decoded once and cached as bytes; classes are in alphabetical
 * order.
 *
 * @param path - of the CSV file
 * @param options - see {@link CsvImagesOptions}
 * @throws CodistillError `FILE_DAMAGED`, `COLUMN_MISSING`, `ROW_BLANK`, `ROW_FILE_MISSING`, `ROW_REPEATED`, `SPLIT_UNKNOWN`,
 *   `SIZE_INVALID`, `FILE_UNREADABLE`, `ALL_BAD`, `CACHE_UNWRITABLE`
 * @example
 * const set = await readCsvImages('slides.csv', { image: 'path', label: 'diagnosis', size: 64 });
 */
export const readCsvImages = async (path: string, options: CsvImagesOptions): Promise<ImageSet> => {
  const { image, label, group, split } = options;
  let rows: readonly Row[];
  try {
    rows = parse(readFileSync(path), { columns: true, skip_empty_lines: true, bom: true, trim: true });
  } catch (error) {
    throw new CodistillError('FILE_DAMAGED', say.loading.sourceDamaged(path, (error as Error).message), { cause: error });
  }
  if (rows.length === 0) throw new CodistillError('FILE_DAMAGED', say.loading.sourceDamaged(path, 'it holds no rows'));
  const columns = Object.keys(rows[0] ?? {});
  for (const column of [image, label, group, split]) {
    if (column !== undefined && !columns.includes(column)) throw new CodistillError('COLUMN_MISSING', say.loading.columnMissing(path, column, columns));
  }

  const firstRow = new Map<string, number>();
  const files = rows.map((row, at) => {
    // Row 1 is the header, as a spreadsheet counts.
    const number = at + 2;
    const cell = (column: string): string => {
      const value = row[column] ?? '';
      if (value === '') throw new CodistillError('ROW_BLANK', say.loading.rowBlank(path, number, column));
      return value;
    };
    const name = cell(image);
    const file = join(dirname(path), name);
    if (!existsSync(file)) throw new CodistillError('ROW_FILE_MISSING', say.loading.rowFileMissing(path, number, name));
    const before = firstRow.get(file);
    if (before !== undefined) throw new CodistillError('ROW_REPEATED', say.loading.rowRepeated(path, number, name, before));
    firstRow.set(file, number);
    const into = split === undefined ? undefined : splitNamed(cell(split));
    if (split !== undefined && into === undefined) throw new CodistillError('SPLIT_UNKNOWN', say.loading.splitUnknown(path, number, cell(split)));
    return { path: file, name, label: cell(label), ...(group === undefined ? {} : { group: cell(group) }), ...(into === undefined ? {} : { split: into }) };
  });
  const called = { path, image, label, ...(group === undefined ? {} : { group }), ...(split === undefined ? {} : { split }) };
  return readImages({ name: 'readCsvImages', options: called, from: path }, files, options);
};

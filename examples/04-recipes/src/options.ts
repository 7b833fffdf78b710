import { Command, InvalidArgumentError } from 'commander';
import { systems } from './systems.ts';

/** The command line. */
export interface Options {
  readonly recipe: string;
  readonly data: string;
  readonly seeds: number;
  readonly seed: number;
  readonly epochs: number;
  readonly size: number;
  readonly batch: number;
  readonly limit?: number;
  readonly out: string;
  readonly json: boolean;
  readonly eager: boolean;
}

const atLeast =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least) throw new InvalidArgumentError(`It must be an integer of at least ${least}.`);
    return value;
  };

const recipe = (text: string): string => {
  if (!Object.hasOwn(systems, text)) throw new InvalidArgumentError(`There are ${Object.keys(systems).join(', ')}.`);
  return text;
};

/** Reads the command line; prints help and ends the process where asked to. */
export const parseOptions = (argv: readonly string[]): Options =>
  new Command('npm run example -- recipes')
    .description('Train a recipe on a folder of images beside its own arm without knowledge transfer: <folder>/{train,val,test}/<class>/* or <folder>/<class>/*.')
    .requiredOption('--recipe <name>', `one of ${Object.keys(systems).join(', ')}`, recipe)
    .requiredOption('--data <folder>', 'the images')
    .option('--seeds <n>', 'train every arm from n seeds, and compare them paired', atLeast(1), 1)
    .option('--seed <n>', 'the first seed', atLeast(0), 1)
    .option('--epochs <n>', 'passes over the training split: of the run, or where networks learn one after the other, of each', atLeast(2), 10)
    .option('--size <pixels>', 'images are resized to this square', atLeast(8), 32)
    .option('--batch <n>', 'examples per step', atLeast(1), 64)
    .option('--limit <n>', 'train on so many images only, equally many of each class', atLeast(2))
    .option('--out <folder>', 'where the report goes', 'runs/recipes')
    .option('--json', 'print the report as one JSON object on the last line', false)
    .option('--eager', 'run operation by operation where the backend could compile the step', false)
    .parse([...argv], { from: 'user' })
    .opts<Options>();

import { Command, InvalidArgumentError } from 'commander';

/** What the paper compares: labels only, distillation, mutual learning, both. */
const ARMS = ['ce', 'kd', 'ml', 'kd+ml'] as const;

/** One way to train the students. */
export type Arm = (typeof ARMS)[number];

/** The command line. */
export interface Options {
  readonly json: boolean;
  readonly arms: readonly Arm[];
  readonly seeds: number;
  readonly seed: number;
  readonly epochs: number;
  readonly limit: number;
  readonly backend?: string;
  readonly eager: boolean;
  readonly out: string;
  readonly resume: boolean;
}

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a positive integer.');
  return value;
};

const seed = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a non-negative integer.');
  return value;
};

const arms = (text: string): readonly Arm[] =>
  text.split(',').map((name) => {
    const arm = ARMS.find((each) => each === name.trim());
    if (arm === undefined) throw new InvalidArgumentError(`There are ${ARMS.join(', ')}.`);
    return arm;
  });

/** Reads the command line; prints help and ends the process where asked to. */
export const parseOptions = (argv: readonly string[]): Options =>
  new Command('npm start --')
    .description('Train one teacher and two students online on Fashion-MNIST, with distillation and mutual learning.')
    .option('--json', 'print the result as one JSON object on the last line', false)
    .option('--arms <list>', `compare arms: ${ARMS.join(',')}`, arms, ['kd+ml'])
    .option('--seeds <n>', 'train every arm from n seeds, and compare them paired', count, 1)
    .option('--seed <n>', 'the first seed', seed, 1)
    .option('--epochs <n>', 'passes over the training split', count, 1)
    .option('--limit <n>', 'train on so many of the 55,000 images, equally many of each class', count, 30_000)
    .option('--backend <name>', 'native-gpu, native, wasm or cpu (default: the best there is)')
    .option('--eager', 'run operation by operation where the backend could compile the step', false)
    .option('--out <folder>', 'where checkpoints and exported models go', 'runs/quickstart')
    .option('--resume', 'go on from the checkpoints in --out', false)
    .parse([...argv], { from: 'user' })
    .opts<Options>();

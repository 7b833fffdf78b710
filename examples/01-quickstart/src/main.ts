/**
 * One teacher and two students, trained together on Fashion-MNIST: `npm start`, `npm start -- --help`.
 */
import { CodistillError, armsTable, fashionMnist, scoreTable } from 'codistill';
import { type Trained, train } from './experiment.ts';
import { parseOptions } from './options.ts';

const options = parseOptions(process.argv.slice(2));
const started = performance.now();

// The first Ctrl-C ends after the present step and writes a checkpoint; the second ends at once.
const interrupt = new AbortController();
process.once('SIGINT', () => {
  process.stderr.write('\ninterrupted: finishing this step and writing a checkpoint\n');
  interrupt.abort();
});

const rounded = (numbers: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value.toFixed(5))]));

/** The numbers of one run, as `--json` prints them. */
const summary = ({ evaluation, parameters, spec, stepMs }: Trained): Record<string, unknown> => ({
  stepMs: Number(stepMs.toFixed(2)),
  nodes: Object.fromEntries(
    Object.entries(evaluation.nodes).map(([name, scores]) => [name, { ...rounded(scores.numbers), parameters: parameters[name] ?? 0 }]),
  ),
  ensemble: rounded(evaluation.ensemble?.numbers ?? {}),
  spec,
});

const main = async (): Promise<void> => {
  const data = await fashionMnist({ batch: 32, limit: options.limit });
  const runs: Trained[] = [];
  try {
    for (const arm of options.arms) {
      for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
        const single = options.arms.length === 1 && options.seeds === 1;
        const folder = single ? options.out : `${options.out}/${arm}/seed-${seed}`;
        const trained = await train(data, arm, seed, folder, options, interrupt.signal);
        if (trained === undefined) {
          process.stderr.write('interrupted: say --resume to go on\n');
          process.exitCode = 130;
          return;
        }
        runs.push(trained);
      }
    }
  } finally {
    await data.close();
  }

  const [first] = runs;
  if (first === undefined) return;
  if (runs.length === 1) {
    process.stdout.write(`${scoreTable(first.evaluation, first.parameters)}\n`);
    for (const path of first.wrote) process.stdout.write(`wrote ${path}\n`);
  } else {
    // Ensembles are compared, from the same seeds: the arms differ in nothing else.
    const arms = Object.fromEntries(
      options.arms.map((arm) => {
        const ensembles = runs.filter((run) => run.arm === arm).map(({ evaluation }) => evaluation.ensemble?.numbers ?? {});
        const measures = Object.keys(ensembles[0] ?? {});
        return [arm, Object.fromEntries(measures.map((measure) => [measure, ensembles.map((numbers) => numbers[measure] ?? NaN)]))];
      }),
    );
    const [baseline] = options.arms;
    process.stdout.write(`ensemble of the students, test split\n${armsTable(arms, baseline === undefined ? {} : { baseline })}\n`);
    process.stdout.write(`wrote ${options.out}\n`);
  }
  if (options.json) {
    const common = {
      backend: first.backend,
      seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
      peakRssMB: Math.round(process.resourceUsage().maxRSS / 1024),
    };
    const result =
      runs.length === 1
        ? { ...common, ...summary(first) }
        : { ...common, runs: runs.map((run) => ({ arm: run.arm, seed: run.seed, ...summary(run) })) };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
};

try {
  await main();
} catch (error) {
  if (!(error instanceof CodistillError)) throw error;
  // What a program passes to fit is an option here.
  const taken = error.code === 'DIRECTORY_TAKEN';
  process.stderr.write(taken ? `${options.out} already holds a run: say --resume to go on with it, or --out <folder> for another\n` : `${error.message}\n`);
  process.exitCode = 1;
}

/**
 * A recipe beside its own arm without knowledge transfer: `npm run example -- recipes --recipe kdml --data <folder>`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodistillError, type Data, type Evaluation, type Named, armsTable, augment, crop, flip, imageFolder, pipeline, printSpec, progress } from 'codistill';
import { parseOptions } from './options.ts';
import { type System, systems } from './systems.ts';

const options = parseOptions(process.argv.slice(2));

/** What one arm came to from one seed. */
interface Trained {
  readonly arm: string;
  readonly seed: number;
  readonly backend: string;
  readonly seconds: number;
  readonly examples: number;
  /** Of every node, and of the ensemble. */
  readonly scores: Named<Named<number>>;
}

const interrupt = new AbortController();
process.once('SIGINT', () => {
  process.stderr.write('\ninterrupted: what is unfinished is lost\n');
  interrupt.abort();
});

const rounded = (numbers: Named<number>): Named<number> => Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value.toFixed(5))]));

const scoresOf = ({ nodes, ensemble }: Evaluation): Named<Named<number>> =>
  Object.fromEntries([...Object.entries(nodes), ...(ensemble === undefined ? [] : [['ensemble', ensemble] as const])].map(([name, { numbers }]) => [name, rounded(numbers)]));

/** Trains one arm from one seed and measures it on the test split; `undefined` where it was interrupted. */
const train = async (data: Data<'class'>, system: System, arm: string, seed: number): Promise<Trained | undefined> => {
  const started = performance.now();
  const run = await system.arms[arm]?.(pipeline(data), options.epochs).build();
  if (run === undefined) throw new Error(`internal: no arm '${arm}'`);
  process.stderr.write(`${run.backend}\n${arm}, seed ${seed}\n${printSpec(run.spec).replaceAll(/^/gm, '  ')}\n`);
  const { reason } = await run.fit({
    // Stages know how long they last.
    ...(run.spec.stages.length === 0 ? { epochs: options.epochs } : {}),
    seed,
    eager: options.eager,
    evaluateEvery: 0,
    listeners: [progress()],
    signal: interrupt.signal,
  });
  const evaluation = reason === 'interrupted' ? undefined : await run.evaluate({ split: 'test' });
  run.dispose();
  if (evaluation === undefined) return undefined;
  return { arm, seed, backend: run.backendName, seconds: Number(((performance.now() - started) / 1000).toFixed(1)), examples: evaluation.examples, scores: scoresOf(evaluation) };
};

const main = async (): Promise<void> => {
  const system = systems[options.recipe];
  if (system === undefined) throw new Error(`internal: no recipe '${options.recipe}'`);
  const data = await imageFolder(options.data, {
    size: options.size,
    batch: options.batch,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    augment: [augment(flip(), crop({ padding: Math.max(1, Math.round(options.size / 8)) }))],
  });
  const arms = Object.keys(system.arms);
  const runs: Trained[] = [];
  try {
    for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
      for (const arm of arms) {
        const trained = await train(data, system, arm, seed);
        if (trained === undefined) {
          process.exitCode = 130;
          return;
        }
        runs.push(trained);
      }
    }
  } finally {
    await data.close();
  }

  const measures = Object.keys(runs[0]?.scores[system.measured] ?? {});
  const byArm = Object.fromEntries(
    arms.map((arm) => {
      const own = runs.filter((run) => run.arm === arm).map(({ scores }) => scores[system.measured] ?? {});
      return [arm, Object.fromEntries(measures.map((measure) => [measure, own.map((numbers) => numbers[measure] ?? NaN)]))];
    }),
  );
  const [baseline] = arms;
  process.stdout.write(`${options.recipe}: '${system.measured}' on the test split\n${armsTable(byArm, baseline === undefined ? {} : { baseline })}\n`);
  const { out, json, data: folder, ...budget } = options;
  const report = { ...budget, data: folder, measured: system.measured, baseline, arms, train: data.train.examples, runs };
  mkdirSync(out, { recursive: true });
  const path = join(out, `${options.recipe}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`wrote ${path}\n`);
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
};

try {
  await main();
} catch (error) {
  if (!(error instanceof CodistillError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/**
 * A teacher and two students on a folder of image tiles: `npm run example -- histology --data <folder>`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CodistillError,
  accuracy,
  adamw,
  auroc,
  augment,
  classificationMetrics,
  cnn,
  colour,
  cosine,
  crossEntropy,
  flip,
  imageFolder,
  kd,
  meanProbabilities,
  mistakes,
  pipeline,
  printSpec,
  progress,
  rotate,
  scoreTable,
  wilsonInterval,
  type Listener,
} from 'codistill';
import { Command } from 'commander';

interface Options {
  readonly data: string;
  readonly size: string;
  readonly epochs: string;
  readonly batch: string;
  readonly seed: string;
  readonly out: string;
  readonly resume: boolean;
  readonly skipBad: boolean;
  readonly json: boolean;
}

const options = new Command('npm run example -- histology')
  .description('Train a teacher and two students online on a folder of images: <folder>/{train,val,test}/<class>/* or <folder>/<class>/*.')
  .requiredOption('--data <folder>', 'the images')
  .option('--size <pixels>', 'images are resized to this square', '64')
  .option('--epochs <n>', 'passes over the training split', '20')
  .option('--batch <n>', 'examples per step', '32')
  .option('--seed <n>', 'root of all randomness', '1')
  .option('--out <folder>', 'where checkpoints, models and the report go', 'runs/histology')
  .option('--resume', 'go on from the checkpoints in --out', false)
  .option('--skip-bad', 'skip and count files that cannot be read, instead of refusing them', false)
  .option('--json', 'print the report as one JSON object on the last line', false)
  .parse()
  .opts<Options>();

const interrupt = new AbortController();
process.once('SIGINT', () => {
  process.stderr.write('\ninterrupted: finishing this step and writing a checkpoint\n');
  interrupt.abort();
});

/** A disk that took no last checkpoint costs an exit code, not the networks: they are measured, and written where there is room. */
const diskFull = (error: unknown): { readonly reason: 'finished' } => {
  if (!(error instanceof CodistillError && error.code === 'LAST_CHECKPOINT')) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
  return { reason: 'finished' };
};

const main = async (): Promise<void> => {
  const started = performance.now();
  const data = await imageFolder(options.data, {
    size: Number(options.size),
    batch: Number(options.batch),
    onBad: options.skipBad ? 'skip' : 'refuse',
    // A tile has no up or down, and stains differ between slides.
    augment: [augment(flip({ horizontal: true, vertical: true }), rotate({ quarterTurns: true }), colour({ brightness: 0.1, contrast: 0.1, saturation: 0.1 }))],
  });
  try {
    const student = cnn({ channels: [12, 24, 48], stride: 2 });
    const run = await pipeline(data)
      .teacher(cnn({ channels: [16, 32, 64, 96], stride: 2 }))
      .students({ a: student, b: student })
      .supervise(crossEntropy())
      .distill(kd({ temperature: 4 }))
      .mutual(kd())
      .optimize(adamw({ lr: cosine({ from: 0.003 }), weightDecay: 0.01 }))
      .ensemble(meanProbabilities())
      .build();
    process.stderr.write(`${run.backend}\n${printSpec(run.spec)}\n`);
    const parameters: Record<string, number> = {};
    const count: Listener = { name: 'count', on: (event) => { if (event.type === 'start') Object.assign(parameters, event.parameters); } };
    const fitted = run.fit({
      epochs: Number(options.epochs),
      seed: Number(options.seed),
      evaluateEvery: 4,
      listeners: [progress(), count],
      checkpoints: { directory: join(options.out, 'checkpoints'), resume: options.resume },
      signal: interrupt.signal,
    });
    const { reason } = await fitted.catch(diskFull);
    if (reason === 'interrupted') {
      process.stderr.write('interrupted: say --resume to go on\n');
      process.exitCode = 130;
      return;
    }
    const evaluation = await run.evaluate({ split: 'test', metrics: [...classificationMetrics(), auroc(), mistakes()] });
    const exported = await run.export(join(options.out, 'models'));
    process.stdout.write(`${scoreTable(evaluation, parameters)}\n`);

    const all = { ...evaluation.nodes, ...(evaluation.ensemble === undefined ? {} : { ensemble: evaluation.ensemble }) };
    const report = Object.fromEntries(
      Object.entries(all).map(([name, { numbers, tables }]) => {
        const right = Math.round((numbers[accuracy().name] ?? 0) * evaluation.examples);
        const { lower: low, upper: high } = wilsonInterval(right, evaluation.examples);
        process.stdout.write(`${name}: ${right} of ${evaluation.examples} right, accuracy ${(right / evaluation.examples).toFixed(4)} (95% interval ${low.toFixed(4)} to ${high.toFixed(4)})\n`);
        return [name, { ...numbers, interval: [low, high], errors: (tables['mistakes'] ?? []).map(([id]) => id) }];
      }),
    );
    mkdirSync(options.out, { recursive: true });
    const path = join(options.out, 'report.json');
    const result = { backend: run.backendName, seconds: (performance.now() - started) / 1000, examples: evaluation.examples, report, spec: run.spec };
    writeFileSync(path, JSON.stringify(result, null, 2));
    process.stdout.write(`wrote ${path} (errors by index), ${exported.manifest}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    run.dispose();
  } finally {
    await data.close();
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

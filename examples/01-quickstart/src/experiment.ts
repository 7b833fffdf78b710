import {
  CodistillError,
  type Data,
  type Evaluation,
  type Listener,
  type Run,
  type Spec,
  adam,
  cnn,
  cosine,
  createPipeline,
  crossEntropy,
  kd,
  meanProbabilities,
  printSpec,
  progress,
  rampUp,
  trainer,
} from 'codistill';
import type { Arm, Options } from './options.ts';

/** What one arm came to from one seed. */
export interface Trained {
  readonly arm: Arm;
  readonly seed: number;
  readonly backend: string;
  readonly spec: Spec;
  readonly stepMs: number;
  readonly parameters: Readonly<Record<string, number>>;
  readonly evaluation: Evaluation;
  readonly wrote: readonly string[];
}

/**
 * The pipeline of an arm. Arms without distillation need no teacher: it would teach nobody. What the nodes learn from each other
 * counts for little at first, since at first nobody knows anything. All numbers here are our choice.
 */
const compose = async (data: Data<'class', 10>, arm: Arm, backend: string | undefined): Promise<Run> => {
  const pipeline = createPipeline(trainer(backend === undefined ? {} : { backend }));
  const student = cnn({ channels: [8, 16, 32], stride: 2 });
  const students = { a: student, b: student };
  const optimizer = adam({ lr: cosine({ from: 0.005 }) });
  const fromTeacher = kd({ temperature: 2 });
  const weight = rampUp();
  const taught = pipeline(data).teacher(cnn({ channels: [24, 48, 64], stride: 2 })).students(students).supervise(crossEntropy());
  const alone = pipeline(data).students(students).supervise(crossEntropy());
  switch (arm) {
    case 'ce':
      return alone.optimize(optimizer).ensemble(meanProbabilities()).build();
    case 'ml':
      return alone.mutual(kd(), { weight }).optimize(optimizer).ensemble(meanProbabilities()).build();
    case 'kd':
      return taught.distill(fromTeacher, { weight }).optimize(optimizer).ensemble(meanProbabilities()).build();
    case 'kd+ml':
      return taught.distill(fromTeacher, { weight }).mutual(kd(), { weight }).optimize(optimizer).ensemble(meanProbabilities()).build();
  }
};

/** Remembers how long steps took and how many weights there are. */
const stopwatch = (): Listener & { median(): number; parameters: Record<string, number> } => {
  const durations: number[] = [];
  let last = 0;
  const self = {
    name: 'stopwatch',
    parameters: {} as Record<string, number>,
    on: (event: Parameters<Listener['on']>[0]): void => {
      if (event.type === 'start') Object.assign(self.parameters, event.parameters);
      if (event.type === 'step' && last !== 0) durations.push(performance.now() - last);
      // An evaluation lies between the last step of an epoch and the first of the next.
      last = event.type === 'step' ? performance.now() : 0;
    },
    median: (): number => durations.toSorted((x, y) => x - y)[Math.floor(durations.length / 2)] ?? NaN,
  };
  return self;
};

/** A disk that took no last checkpoint costs an exit code, not the networks: they are measured, and written where there is room. */
const diskFull = (error: unknown): { readonly checkpoint: undefined; readonly reason: 'finished' } => {
  if (!(error instanceof CodistillError && error.code === 'LAST_CHECKPOINT')) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
  return { checkpoint: undefined, reason: 'finished' };
};

/** Trains one arm from one seed, measures it on the test split, and writes its models; `undefined` where it was interrupted. */
export const train = async (data: Data<'class', 10>, arm: Arm, seed: number, folder: string, options: Options, signal: AbortSignal): Promise<Trained | undefined> => {
  const run = await compose(data, arm, options.backend);
  const watch = stopwatch();
  process.stderr.write(`${run.backend}\n${arm}, seed ${seed}\n${printSpec(run.spec).replaceAll(/^/gm, '  ')}\n`);
  const fitted = run.fit({
    epochs: options.epochs,
    seed,
    eager: options.eager,
    listeners: [progress(), watch],
    checkpoints: { directory: `${folder}/checkpoints`, everySteps: 200, resume: options.resume },
    signal,
  });
  const { checkpoint, reason } = await fitted.catch(diskFull);
  if (reason === 'interrupted') {
    run.dispose();
    return undefined;
  }
  const evaluation = await run.evaluate({ split: 'test' });
  const exported = await run.export(`${folder}/models`);
  run.dispose();
  return {
    arm,
    seed,
    backend: run.backendName,
    spec: run.spec,
    stepMs: watch.median(),
    parameters: watch.parameters,
    evaluation,
    wrote: [exported.manifest, ...Object.values(exported.nodes), ...[exported.ensemble, checkpoint].filter((path) => path !== undefined)],
  };
};

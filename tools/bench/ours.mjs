// One contestant: codistill, through its public API alone. Its argument is JSON: { work, backend, threads, eager }.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { classification, crossEntropy, kd, mobilenet, pipeline, resnet, sgd } from 'codistill';

/** @type {{ work: import('./works.mjs').Work, backend: string, threads: number, eager: boolean }} */
const { work, backend, threads, eager } = JSON.parse(process.argv[2] ?? '');
process.env['CODISTILL_BACKEND'] = backend;
process.env['CODISTILL_THREADS'] = String(threads);

/** @param {import('./works.mjs').Net} net */
const modelOf = ({ net, depth = 0, width }) => (net === 'resnet' ? resnet({ depth, width }) : mobilenet({ width }));

/** One batch again and again, which is handed out only while a round lasts. */
let allowed = 0;
/** @type {(value?: unknown) => void} */
let open = () => undefined;
const values = Float32Array.from({ length: work.batch * work.size ** 2 * 3 }, (_, at) => Math.sin(at * 0.37));
const labels = Float32Array.from({ length: work.batch * work.classes }, (_, at) => Number(at % work.classes === Math.floor(at / work.classes) % work.classes));
const batch = {
  ids: Int32Array.from({ length: work.batch }, (_, id) => id),
  input: { shape: [work.batch, work.size, work.size, 3], values },
  labels: { class: { shape: [work.batch, work.classes], values: labels } },
};
/** @type {import('codistill').Loader} */
const train = {
  examples: work.batch * 1e6,
  batchSize: work.batch,
  batches: 1e6,
  at: async (position, _, views) => {
    while (running && position >= allowed) await new Promise((resolve) => (open = resolve));
    return views.map(() => batch);
  },
};
/** @type {import('codistill').Data<'class', 10>} */
const data = {
  package: 'bench', name: 'one-batch', options: {}, task: classification(10), input: [work.size, work.size, 3],
  normalisation: { mean: [0, 0, 0], std: [1, 1, 1] }, train, validation: undefined, test: undefined, close: async () => undefined,
};

let running = false;
const named = Object.fromEntries(Array.from({ length: work.students }, (_, index) => [`s${index + 1}`, modelOf(work.student)]));
// How many there are is only known now: to the compiler they are called as the first.
const students = /** @type {{ s1: ReturnType<typeof modelOf> }} */ (named);
const optimizer = sgd({ lr: 0.01, momentum: 0.9 });
const build = () => {
  if (work.teacher === null) return pipeline(data).students(students).supervise(crossEntropy()).mutual(kd()).optimize(optimizer).build();
  const taught = pipeline(data).teacher(modelOf(work.teacher)).students(students).supervise(crossEntropy()).distill(kd({ temperature: 4 }));
  return work.students > 1 ? taught.mutual(kd()).optimize(optimizer).build() : taught.optimize(optimizer).build();
};
const run = await build();
running = true;

/** @type {(value?: unknown) => void} */
let done = () => undefined;
/** @type {import('codistill').Listener} */
const listener = {
  name: 'stopwatch',
  on: (event) => {
    if (event.type === 'start') process.stdout.write(`${JSON.stringify({ parameters: event.parameters, how: run.backend })}\n`);
    if (event.type === 'step' && event.step >= allowed) done();
  },
};
const interrupt = new AbortController();
const fitted = run.fit({ epochs: 1, seed: 1, eager, evaluateEvery: 0, listeners: [listener], signal: interrupt.signal });

/** Milliseconds of a processor that this thread has used; a compiled step is computed on others. */
const hostTime = () => Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6;

for await (const line of createInterface({ input: process.stdin })) {
  const steps = Number(line);
  const finished = new Promise((resolve) => (done = resolve));
  const [from, used, host] = [performance.now(), process.cpuUsage(), hostTime()];
  allowed += steps;
  open();
  await Promise.race([finished, fitted]);
  const { user, system } = process.cpuUsage(used);
  const round = { ms: (performance.now() - from) / steps, cpuMs: (user + system) / 1000 / steps, peakMB: process.resourceUsage().maxRSS / 1024 };
  process.stdout.write(`${JSON.stringify(backend === 'native' && !eager ? { ...round, hostMs: (hostTime() - host) / steps } : round)}\n`);
}

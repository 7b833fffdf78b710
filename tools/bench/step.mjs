import { join } from 'node:path';
import { contestant } from './contestant.mjs';
import { coresOf } from './machine.mjs';
import { median } from './median.mjs';

/**
 * PyTorch as it comes and as it is fastest, with threads that spin while they wait and that do not; Python's TensorFlow; and
 * where it can do the work, the one library that trains several students at once.
 */
const peersOf = (/** @type {import('./works.mjs').Work} */ work, /** @type {number} */ threads, /** @type {string} */ python, /** @type {'cpu' | 'cuda'} */ device) => {
  const peer = (/** @type {string} */ name, /** @type {string} */ script, /** @type {readonly string[]} */ args, env = {}) => ({
    name,
    command: [python, join(import.meta.dirname, 'peers', script), JSON.stringify(work), ...args, String(threads)],
    env: { OMP_NUM_THREADS: String(threads), ...env },
  });
  const passive = { OMP_WAIT_POLICY: 'passive' };
  return [
    ...['eager', 'channels_last', 'compile'].flatMap((variant) => [
      peer(`torch ${variant}`, 'torch_step.py', [variant, device]),
      peer(`torch ${variant}, passive`, 'torch_step.py', [variant, device], passive),
    ]),
    ...(work.student.net === 'resnet' && device === 'cpu' ? [peer('tf.function', 'tf_function.py', [])] : []),
    ...(work.teacher === null && device === 'cpu' ? [peer('KD-Lib DML', 'kd_lib.py', [], passive)] : []),
  ];
};

const oursOf = (/** @type {import('./works.mjs').Work} */ work, /** @type {number} */ threads, /** @type {readonly string[]} */ backends) =>
  backends.map((backend) => {
    const [name, how] = backend.split('-');
    return {
      name: backend,
      command: [process.execPath, join(import.meta.dirname, 'ours.mjs'), JSON.stringify({ work, backend: name, threads, eager: how === 'eager' })],
      env: { OMP_NUM_THREADS: String(threads) },
    };
  });

/**
 * Times one work: all contestants live at once and take turns, a round each, so that a neighbour on the machine disturbs all alike.
 *
 * @param {import('./works.mjs').Work} work
 * @param {{ threads: number, backends: readonly string[], rounds: number, python: string, device?: 'cpu' | 'cuda', say: (line: string) => void }} options
 */
export async function timeStep(work, { threads, backends, rounds, python, device = 'cpu', say }) {
  const cores = coresOf(threads);
  const entries = [...oursOf(work, threads, backends), ...peersOf(work, threads, python, device)];
  const contestants = [];
  /** @type {{ name: string, why: string }[]} */
  const absent = [];
  for (const { name, command, env } of entries) {
    try {
      const one = await contestant(name, command, { cores, env });
      await one.round(2); // compilation and caches
      contestants.push({ ...one, rounds: /** @type {import('./contestant.mjs').Round[]} */ ([]) });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      absent.push({ name, why });
      say(`  ${name} does not take part: ${why}`);
    }
  }
  const [first] = contestants;
  for (const { name, parameters } of contestants) {
    if (JSON.stringify(parameters) !== JSON.stringify(first?.parameters)) throw new Error(`${name} trains other networks: ${JSON.stringify(parameters)} instead of ${JSON.stringify(first?.parameters)}`);
  }
  for (let round = 0; round < rounds; round++) {
    for (const one of contestants) one.rounds.push(await one.round(work.steps));
  }
  for (const one of contestants) one.close();
  const flops = contestants.find((one) => one.flops !== undefined)?.flops ?? Number.NaN;
  const results = contestants.map(({ name, rounds: taken }) => ({
    name,
    ms: median(taken.map(({ ms }) => ms)),
    cpuMs: median(taken.map(({ cpuMs }) => cpuMs)),
    peakMB: Math.max(...taken.map(({ peakMB }) => peakMB)),
    all: taken.map(({ ms }) => Math.round(ms * 10) / 10),
  }));
  for (const { name, ms, cpuMs, peakMB } of results) {
    say(`  ${name.padEnd(30)} ${ms.toFixed(1).padStart(9)} ms  ${cpuMs.toFixed(1).padStart(9)} ms of processors  ${(flops / ms / 1e6).toFixed(1).padStart(6)} GFLOP/s  ${peakMB.toFixed(0).padStart(6)} MB`);
  }
  const isOurs = (/** @type {{ name: string }} */ { name }) => backends.includes(name);
  const torch = results.filter(({ name }) => name.startsWith('torch'));
  const best = torch.reduce((a, b) => (b.ms < a.ms ? b : a));
  const leanest = torch.reduce((a, b) => (b.cpuMs < a.cpuMs ? b : a));
  const rows = results
    .filter(isOurs)
    .map(({ name, ms, cpuMs, peakMB }) => ({
      work: work.name,
      threads,
      backend: name,
      ours_ms: ms,
      best_peer: best.name,
      best_peer_ms: best.ms,
      ratio: ms / best.ms,
      cpu_ratio: cpuMs / leanest.cpuMs,
      ours_cpu_ms: cpuMs,
      peer_cpu_ms: leanest.cpuMs,
      memory_ratio: peakMB / best.peakMB,
      gflops: flops / ms / 1e6,
    }));
  return { work, threads, flops, rows, results, absent };
}

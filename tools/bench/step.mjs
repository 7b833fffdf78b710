import { join } from 'node:path';
import { contestant } from './contestant.mjs';
import { coresOf } from './machine.mjs';
import { median } from './median.mjs';

/**
 * What one contestant came to.
 *
 * @typedef {object} Result
 * @property {string} name
 * @property {number} ms - wall time per step, median of rounds
 * @property {number} cpuMs - processor time per step, of all threads, median of rounds
 * @property {number} peakMB
 * @property {number} [hostMs] - processor time per step of the thread that runs JavaScript, of a compiled step
 * @property {string} [how] - what it ran on
 * @property {readonly number[]} rounds - wall time per step of each
 */

/**
 * PyTorch as it comes and as it is fastest, with threads that spin while they wait and that do not; Python's TensorFlow; tfjs-node
 * as it comes from npm, but for its library, and with the switch that makes it faster; and where it can do the work, the one library
 * that trains several students at once.
 */
const peersOf = (/** @type {import('./works.mjs').Work} */ work, /** @type {number} */ threads, /** @type {string} */ python, /** @type {'cpu' | 'cuda'} */ device) => {
  const script = (/** @type {string} */ name) => join(import.meta.dirname, 'peers', name);
  const peer = (/** @type {string} */ name, /** @type {readonly string[]} */ command, env = {}) => ({ name, command, env: { OMP_NUM_THREADS: String(threads), ...env } });
  const passive = { OMP_WAIT_POLICY: 'passive' };
  const task = JSON.stringify(work);
  const stock = [process.execPath, script('tfjs_node.mjs'), task];
  const stockThreads = { TF_NUM_INTRAOP_THREADS: String(threads), TF_NUM_INTEROP_THREADS: String(threads) };
  return [
    ...['eager', 'channels_last', 'compile'].flatMap((variant) => {
      const command = [python, script('torch_step.py'), task, variant, device, String(threads)];
      return [peer(`torch ${variant}`, command), peer(`torch ${variant} passive`, command, passive)];
    }),
    ...(work.student.net === 'resnet' && device === 'cpu'
      ? [
          peer('tf.function', [python, script('tf_function.py'), task, String(threads)]),
          peer('tfjs-node', stock, stockThreads),
          peer('tfjs-node oneDNN', stock, { ...stockThreads, TF_ENABLE_ONEDNN_OPTS: '1' }),
        ]
      : []),
    ...(work.teacher === null && device === 'cpu' ? [peer('KD-Lib DML', [python, script('kd_lib.py'), task, String(threads)], passive)] : []),
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
 * @param {object} options
 * @param {number} options.threads
 * @param {readonly string[]} options.backends - ours
 * @param {readonly string[]} options.peers - parts of the names of those that take part; none for all
 * @param {number} options.rounds - of each contestant
 * @param {number} options.seconds - about how long a round is; at least one step
 * @param {string} options.python
 * @param {'cpu' | 'cuda'} [options.device]
 * @param {(line: string) => void} options.say
 */
export async function timeStep(work, { threads, backends, peers, rounds, seconds, python, device = 'cpu', say }) {
  const cores = coresOf(threads);
  const invited = peersOf(work, threads, python, device).filter(({ name }) => peers.length === 0 || peers.some((part) => name.includes(part)));
  const contestants = [];
  /** @type {{ name: string, why: string }[]} */
  const absent = [];
  const stepsOf = (/** @type {number} */ ms, /** @type {number} */ time) => Math.max(1, Math.round((1000 * time) / ms));
  for (const { name, command, env } of [...oursOf(work, threads, backends), ...invited]) {
    try {
      const one = await contestant(name, command, { cores, env });
      await one.round(2); // compilation and caches
      const first = await one.round(1);
      const warm = await one.round(stepsOf(first.ms, seconds / 4));
      contestants.push({ ...one, steps: stepsOf(warm.ms, seconds), taken: /** @type {import('./contestant.mjs').Round[]} */ ([]) });
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
    for (const one of contestants) one.taken.push(await one.round(one.steps));
  }
  for (const one of contestants) one.close();
  /** @type {number} */
  const flops = contestants.find((one) => one.flops !== undefined)?.flops ?? Number.NaN;
  const results = contestants.map(({ name, how, taken }) => {
    const host = taken.flatMap(({ hostMs }) => hostMs ?? []);
    /** @type {Result} */
    const result = {
      name,
      ms: median(taken.map(({ ms }) => ms)),
      cpuMs: median(taken.map(({ cpuMs }) => cpuMs)),
      peakMB: Math.max(...taken.map(({ peakMB }) => peakMB)),
      rounds: taken.map(({ ms }) => Math.round(ms * 10) / 10),
    };
    return { ...result, ...(host.length === 0 ? {} : { hostMs: median(host) }), ...(how === undefined ? {} : { how }) };
  });
  for (const { name, ms, cpuMs, peakMB } of results) {
    say(`  ${name.padEnd(30)} ${ms.toFixed(1).padStart(9)} ms  ${cpuMs.toFixed(1).padStart(9)} ms of processors  ${(flops / ms / 1e6).toFixed(1).padStart(6)} GFLOP/s  ${peakMB.toFixed(0).padStart(6)} MB`);
  }
  return { work: work.name, threads, backends, flops, results, absent: absent.map(({ name }) => name) };
}

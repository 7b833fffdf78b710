import { median } from './median.mjs';

/**
 * Contestants timed in turns in one run, and what they were timed on.
 *
 * @typedef {Awaited<ReturnType<typeof import('./step.mjs').timeStep>> & { machine: Awaited<ReturnType<typeof import('./machine.mjs').machine>> }} Taking
 */

/**
 * What a backend came to beside its peers, as `--json` prints it. A ratio below 1 is in our favour.
 *
 * @typedef {object} Row
 * @property {string} processor
 * @property {string} work
 * @property {number} threads
 * @property {string} backend
 * @property {number} ours_ms
 * @property {string} best_peer - the fastest PyTorch
 * @property {number} best_peer_ms
 * @property {number} ratio - median over rounds
 * @property {number} ours_cpu_ms - processor time of all threads
 * @property {number} eager_cpu_ms - the least that PyTorch eager took
 * @property {number} memory_ratio - to the fastest PyTorch
 * @property {number} gflops
 * @property {number} peak_gflops - of matrix products on this machine
 * @property {number} flops
 * @property {number} [stock_ms] - tfjs-node as it comes from npm
 * @property {number} [host_ms] - processor time of the thread that runs JavaScript
 */

/**
 * Puts new takings in the place of older ones of the same work, threads and backend, on the same processor. What else an older run took is kept, with the
 * peers it was measured beside.
 *
 * @param {readonly Taking[]} kept
 * @param {readonly Taking[]} taken
 * @returns {readonly Taking[]} by work and threads, in the order they first came in
 */
export const merged = (kept, taken) => {
  const older = kept.flatMap((old) => {
    const replaced = taken.filter(({ work, threads, machine }) => work === old.work && threads === old.threads && machine.cpu === old.machine.cpu).flatMap(({ backends }) => backends);
    const backends = old.backends.filter((name) => !replaced.includes(name));
    return backends.length === 0 ? [] : [{ ...old, backends, results: old.results.filter(({ name }) => !replaced.includes(name)) }];
  });
  const all = [...older, ...taken];
  const order = [...new Set([...kept, ...taken].map(({ work, threads }) => `${work} ${threads}`))];
  return all.toSorted((a, b) => order.indexOf(`${a.work} ${a.threads}`) - order.indexOf(`${b.work} ${b.threads}`));
};

/**
 * How long one took beside another, round by round, since the machine slows down and speeds up between rounds; the median of that.
 *
 * @param {Pick<Taking['results'][number], 'rounds'>} one
 * @param {Pick<Taking['results'][number], 'rounds'>} other
 */
export const beside = (one, other) => median(one.rounds.map((ms, round) => ms / (other.rounds[round] ?? Number.NaN)));

const least = (/** @type {readonly number[]} */ values) => (values.length === 0 ? undefined : Math.min(...values));

/**
 * One row for each of our backends.
 *
 * @param {Taking} taking
 * @returns {readonly Row[]}
 */
export const rowsOf = ({ work, threads, backends, flops, results, machine }) => {
  const torch = results.filter(({ name }) => name.startsWith('torch'));
  const best = torch.reduce((a, b) => (b.ms < a.ms ? b : a));
  const stock = results.find(({ name }) => name === 'tfjs-node');
  return results
    .filter(({ name }) => backends.includes(name))
    .map(({ name, ms, cpuMs, peakMB, hostMs, ...ours }) => ({
      processor: machine.cpu,
      work,
      threads,
      backend: name,
      ours_ms: ms,
      best_peer: best.name,
      best_peer_ms: best.ms,
      ratio: beside(ours, best),
      ours_cpu_ms: cpuMs,
      eager_cpu_ms: least(torch.filter(({ name: peer }) => peer.includes('eager')).map((peer) => peer.cpuMs)) ?? Number.NaN,
      memory_ratio: peakMB / best.peakMB,
      gflops: flops / ms / 1e6,
      peak_gflops: machine.matmulGflops[threads] ?? Number.NaN,
      flops,
      ...(stock === undefined ? {} : { stock_ms: stock.ms }),
      ...(hostMs === undefined ? {} : { host_ms: hostMs }),
    }));
};

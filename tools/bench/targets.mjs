import { threadsInWords } from './machine.mjs';

/**
 * What the step, the start and the data are meant to come to, and what they came to.
 *
 * @typedef {object} Target
 * @property {string} of
 * @property {string} goal
 * @property {string} measured - '' where nothing is
 * @property {boolean | undefined} reached
 */

/**
 * @param {string} of
 * @param {'≤' | '≥'} relation
 * @param {number} goal
 * @param {number | undefined} measured - not a number where a peer is missing
 * @param {{ unit?: string, digits?: number }} [options]
 * @returns {Target}
 */
const target = (of, relation, goal, measured, { unit = '×', digits = 2 } = {}) => {
  const known = measured !== undefined && !Number.isNaN(measured);
  return {
    of,
    goal: `${relation} ${goal} ${unit}`,
    measured: known ? `${measured.toFixed(digits)} ${unit}` : '',
    reached: known ? (relation === '≤' ? measured <= goal : measured >= goal) : undefined,
  };
};

const joint = (/** @type {number} */ students) => `resnet20+${students}xresnet8`;

/**
 * All targets, from what has been measured so far; on several processors, what was measured last.
 *
 * @param {readonly import('./takings.mjs').Row[]} rows
 * @param {{ seconds?: number | undefined, dataRatio?: number | undefined }} others - of `start` and `data`
 * @returns {readonly Target[]}
 */
export const targetsOf = (rows, { seconds, dataRatio }) => {
  const row = (/** @type {string} */ work, /** @type {number} */ threads, backend = 'native') =>
    rows.findLast((each) => each.work === work && each.threads === threads && each.backend === backend);
  const perFlop = (/** @type {number} */ students) => {
    const [one, many] = [row(joint(1), 1), row(joint(students), 1)];
    return one && many && many.ours_ms / many.flops / (one.ours_ms / one.flops);
  };
  const [main, host] = [row(joint(2), 1), row('host-bound', 1)];
  return [
    ...[1, 2].flatMap((threads) =>
      [1, 2, 4, 8].map((students) => target(`joint step, N = ${students}, ${threadsInWords(threads)}, native: time, of the fastest PyTorch's`, '≤', 0.9, row(joint(students), threads)?.ratio)),
    ),
    ...[2, 4, 8].map((students) => target(`joint step, N = ${students}: time per FLOP, of that at N = 1`, '≤', 1, perFlop(students))),
    target('host-bound step: processor time', '≤', 8, host?.ours_cpu_ms, { unit: 'ms', digits: 1 }),
    target("host-bound step: processor time, of PyTorch eager's", '≤', 0.4, host && host.ours_cpu_ms / host.eager_cpu_ms),
    target("96 × 96, MobileNetV2 students, native: time, of the fastest PyTorch's", '≤', 1, row('mobilenet-96', 1)?.ratio),
    target('joint step, N = 2: native compiled as fast as tfjs-node from npm with the same library', '≥', 3, main?.stock_ms && main.stock_ms / main.ours_ms),
    ...[1, 2].map((threads) => target(`joint step, N = 2, ${threadsInWords(threads)}, wasm: time, of the fastest PyTorch's`, '≤', 3, row(joint(2), threads, 'wasm')?.ratio)),
    target("joint step, N = 2, native: peak memory, of the fastest PyTorch's", '≤', 1.2, main?.memory_ratio),
    target('joint step, N = 2, native: host time outside the session call, of the step', '≤', 5, main?.host_ms && (100 * main.host_ms) / main.ours_ms, { unit: '%', digits: 1 }),
    target('`npm start` to the first step', '≤', 4, seconds, { unit: 's', digits: 1 }),
    target("JPEG folder to augmented batches, cached: images/s per core, of a DataLoader's", '≥', 1, dataRatio),
  ];
};

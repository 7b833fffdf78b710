import { threadsInWords } from './machine.mjs';
import { beside, rowsOf } from './takings.mjs';
import { targetsOf } from './targets.mjs';
import { described } from './works.mjs';

const line = (/** @type {readonly (string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
const table = (/** @type {readonly string[]} */ head, /** @type {readonly (readonly (string | number)[])[]} */ rows) => [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line), ''];

const times = (/** @type {number} */ value) => `${value.toFixed(2)} ×`;

/**
 * What figures were taken on, in a line.
 *
 * @param {import('./takings.mjs').Taking['machine']} machine
 */
const machineLine = ({ date, cpu, cores, memoryGB, simd, node, versions, matmulGflops, gpu, how, loadBefore }) =>
  [
    `${date}: ${[cpu, `${cores} cores`, `${memoryGB} GB`, simd.join(' '), ...(gpu === undefined ? [] : [gpu])].join(', ')}`,
    [`Node ${node}`, ...Object.entries(versions).map(([name, version]) => `${name} ${version}`)].join(', '),
    `matrix products ${Object.entries(matmulGflops).map(([threads, gflops]) => `${gflops} GFLOP/s on ${threads}`).join(', ')}; load before ${loadBefore}; ${how}.`,
  ].join('; ');

/** @param {import('./takings.mjs').Taking} taking */
const section = (taking) => {
  const { work, threads, results, flops, machine, absent, backends } = taking;
  const best = results.find(({ name }) => name === rowsOf(taking)[0]?.best_peer);
  const peak = machine.matmulGflops[threads] ?? Number.NaN;
  const ofPeak = (/** @type {number} */ ms) => `${Math.round((100 * flops) / ms / 1e6 / peak)} %`;
  return [
    `## ${work}, ${threadsInWords(threads)}: ${backends.join(', ')}`,
    '',
    described(work),
    '',
    machineLine(machine),
    '',
    ...table(
      ['contestant', 'ms', 'of the fastest PyTorch', 'processor ms', 'host ms', 'MB', 'GFLOP/s', 'of the peak'],
      results.map(({ name, ms, cpuMs, hostMs, peakMB, ...result }) => [
        backends.includes(name) ? `**codistill, ${name}**` : name,
        ms.toFixed(1), times(best === undefined ? Number.NaN : beside(result, best)), cpuMs.toFixed(1), hostMs?.toFixed(1) ?? '', peakMB.toFixed(0), (flops / ms / 1e6).toFixed(1), ofPeak(ms),
      ]),
    ),
    ...(absent.length === 0 ? [] : [`Did not take part: ${absent.join(', ')}.`, '']),
  ];
};

/**
 * All measurements as Markdown.
 *
 * @param {string} title
 * @param {readonly import('./takings.mjs').Taking[]} takings
 * @param {Parameters<typeof targetsOf>[1]} [others] - of `start` and `data`; without them no targets are listed
 */
export const reportOf = (title, takings, others) => {
  const rows = takings.flatMap(rowsOf);
  const verdict = (/** @type {boolean | undefined} */ reached) => (reached === undefined ? 'not measured' : reached ? 'reached' : '**missed**');
  return [
    `# ${title}`,
    '',
    'Written by `npm run bench` from the JSON files beside it; what is said about targets missed is in README.md. A teacher and N students in one step: cross-entropy, KD (T = 4), mutual KL, SGD with momentum. The contestants of a section took turns in one run; times are medians of rounds, and ratios are taken round by round, since the machine slows down and speeds up between them. Processor time is that of all threads, host time that of the thread that runs JavaScript, memory the most each process ever held. PyTorch runs as it comes and with threads that do not spin while they wait (`passive`), and the fastest counts.',
    '',
    ...(others === undefined ? [] : table(['target', 'goal', 'measured', ''], targetsOf(rows, others).map(({ of, goal, measured, reached }) => [of, goal, measured, verdict(reached)]))),
    ...table(
      ['processor', 'work', 'threads', 'backend', 'ms', 'fastest PyTorch', 'its ms', 'ratio', 'processor ms', 'PyTorch eager', 'memory ratio', 'GFLOP/s', 'of the peak'],
      rows.map((row) => [
        row.processor, row.work, row.threads, row.backend, row.ours_ms.toFixed(1), row.best_peer, row.best_peer_ms.toFixed(1), row.ratio.toFixed(2),
        row.ours_cpu_ms.toFixed(1), Number.isNaN(row.eager_cpu_ms) ? '' : row.eager_cpu_ms.toFixed(1), row.memory_ratio.toFixed(2), row.gflops.toFixed(1), `${Math.round((100 * row.gflops) / row.peak_gflops)} %`,
      ]),
    ),
    ...takings.flatMap(section),
  ].join('\n');
};

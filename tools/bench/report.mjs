/**
 * The measurements as Markdown.
 *
 * @param {Awaited<ReturnType<typeof import('./machine.mjs').machine>>} about
 * @param {readonly Awaited<ReturnType<typeof import('./step.mjs').timeStep>>[]} measured
 */
export const reportOf = (about, measured) => {
  const rows = measured.flatMap(({ rows: each, threads }) => each.map((row) => ({ ...row, peak: about.matmulGflops[threads] ?? Number.NaN })));
  return [
    '# Joint training steps',
    '',
    'Written by `npm run bench`. A teacher and N students in one step: cross-entropy, KD (T = 4), mutual KL, SGD with momentum. Contestants take turns in one run; medians of rounds. `cpu` is processor time of all threads; memory is the most each process ever held. Ratios below 1 are in our favour.',
    '',
    `${about.cpu}, ${about.cores} cores, ${about.memoryGB} GB, ${about.simd.join(' ')}, Node ${about.node}; float32 matrix products reach ${Object.entries(about.matmulGflops).map(([threads, gflops]) => `${gflops} GFLOP/s on ${threads}`).join(', ')}; load before: ${about.loadBefore}.`,
    '',
    '| work | threads | backend | ms | best peer | its ms | ratio | cpu ms | its best | ratio | memory ratio | GFLOP/s | of the peak |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map((row) =>
      `| ${[row.work, row.threads, row.backend, row.ours_ms.toFixed(1), row.best_peer, row.best_peer_ms.toFixed(1), row.ratio.toFixed(2), row.ours_cpu_ms.toFixed(1), row.peer_cpu_ms.toFixed(1), row.cpu_ratio.toFixed(2), row.memory_ratio.toFixed(2), row.gflops.toFixed(1), `${Math.round((100 * row.gflops) / row.peak)} %`].join(' | ')} |`,
    ),
    '',
  ].join('\n');
};

// npm run bench -- step [--json]: times joint training steps against PyTorch and writes bench/results.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { built, ensureInstalled } from '../scripts/ensure.mjs';
import { root } from '../scripts/workspace.mjs';
import { timeData } from './data.mjs';
import { card, machine } from './machine.mjs';
import { peersPython } from './peers/venv.mjs';
import { reportOf } from './report.mjs';
import { timeStart } from './start.mjs';
import { timeStep } from './step.mjs';
import { works } from './works.mjs';

/** Writes results where they are kept. */
const keep = (/** @type {string} */ name, /** @type {unknown} */ results) => {
  const folder = join(root, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`);
};

const listed = (/** @type {string} */ text) => text.split(',');
const program = new Command('npm run bench --').description('Measure codistill against its peers. Nothing else should run meanwhile.');
program
  .command('step')
  .description('joint training steps: all contestants take turns in one run; medians of rounds')
  .option('--json', 'print the rows as JSON on the last line', false)
  .option('--works <list>', `of ${works.map(({ name }) => name).join(', ')}`, listed, works.map(({ name }) => name))
  .option('--backends <list>', 'native, native-eager, wasm', listed, ['native', 'native-eager', 'wasm'])
  .option('--threads <list>', 'numbers of threads', (text) => listed(text).map(Number), [1, 2])
  .option('--rounds <n>', 'rounds of each contestant', Number, 5)
  .action(async (options) => {
    await ensureInstalled();
    if (!(await built(['packages/codistill']))) process.exit(1);
    const python = await peersPython();
    const say = (/** @type {string} */ line) => console.error(line);
    const about = await machine(python, options.threads);
    say(`${about.cpu}, ${about.cores} cores, matrix products: ${JSON.stringify(about.matmulGflops)} GFLOP/s by threads`);
    const measured = [];
    for (const name of options.works) {
      const work = works.find((each) => each.name === name);
      if (work === undefined) throw new Error(`there is no work '${name}': there are ${works.map((each) => each.name).join(', ')}`);
      for (const threads of options.threads) {
        say(`${name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`);
        measured.push(await timeStep(work, { threads, backends: options.backends, rounds: options.rounds, python, say }));
      }
    }
    keep('step', { machine: about, measured });
    const report = reportOf(about, measured);
    writeFileSync(join(root, 'bench', 'results', 'step.md'), report);
    console.log(report);
    if (options.json) console.log(JSON.stringify({ rows: measured.flatMap(({ rows }) => rows) }));
  });
program
  .command('gpu')
  .description('joint training steps on the card, where libtensorflow for it is installed: npm run native -- --gpu')
  .option('--json', 'print the rows as JSON on the last line', false)
  .option('--rounds <n>', 'rounds of each contestant', Number, 5)
  .action(async ({ rounds, json }) => {
    await ensureInstalled();
    if (!(await built(['packages/codistill']))) process.exit(1);
    const python = await peersPython();
    const threads = availableParallelism();
    const about = { ...(await machine(python, [threads])), gpu: await card() };
    const measured = [];
    for (const work of works) {
      console.error(`${work.name} on ${about.gpu}`);
      measured.push(await timeStep({ ...work, steps: 20 * work.steps }, { threads, backends: ['native', 'native-eager'], rounds, python, device: 'cuda', say: (line) => console.error(line) }));
    }
    keep('gpu', { machine: about, measured });
    const report = reportOf(about, measured);
    writeFileSync(join(root, 'bench', 'results', 'gpu.md'), report);
    console.log(report);
    if (json) console.log(JSON.stringify({ rows: measured.flatMap(({ rows }) => rows) }));
  });
program
  .command('data')
  .description('images per second and core, from a folder of JPEG files to augmented batches')
  .requiredOption('--data <folder>', 'images: <folder>/train/<class>/*')
  .option('--rounds <n>', 'rounds of each contestant', Number, 7)
  .option('--json', 'print the row as JSON on the last line', false)
  .action(async ({ data: folder, rounds, json }) => {
    await ensureInstalled();
    if (!(await built(['packages/codistill']))) process.exit(1);
    const python = await peersPython();
    const row = await timeData({ folder: resolve(folder), rounds, python });
    keep('data', { machine: await machine(python, [1]), row });
    console.log(`codistill ${row.ours_images_per_s.toFixed(0)} images/s, torchvision ${row.best_peer_images_per_s.toFixed(0)} images/s: ${row.ratio.toFixed(2)} times as many`);
    if (json) console.log(JSON.stringify({ rows: [row] }));
  });
program
  .command('start')
  .description('seconds from npm start to the first step, with warm caches')
  .option('--rounds <n>', 'starts', Number, 5)
  .option('--json', 'print the row as JSON on the last line', false)
  .action(async ({ rounds, json }) => {
    await ensureInstalled();
    const row = await timeStart(rounds);
    keep('start', { machine: await machine(await peersPython(), [1]), row });
    console.log(`npm start trains after ${row.seconds.toFixed(1)} s`);
    if (json) console.log(JSON.stringify({ rows: [row] }));
  });
await program.parseAsync();

// npm run bench -- step [--json]: times joint training steps against PyTorch and writes bench/results.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { built, ensureInstalled } from '../scripts/ensure.mjs';
import { root } from '../scripts/workspace.mjs';
import { machine } from './machine.mjs';
import { peersPython } from './peers/venv.mjs';
import { reportOf } from './report.mjs';
import { timeStep } from './step.mjs';
import { works } from './works.mjs';

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
    const folder = join(root, 'bench', 'results');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'step.json'), `${JSON.stringify({ machine: about, measured }, null, 2)}\n`);
    const report = reportOf(about, measured);
    writeFileSync(join(folder, 'step.md'), report);
    console.log(report);
    if (options.json) console.log(JSON.stringify({ rows: measured.flatMap(({ rows }) => rows) }));
  });
await program.parseAsync();

// npm run bench -- step [--json]: times joint training steps against PyTorch and writes bench/results.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { built, ensureInstalled } from '../scripts/ensure.mjs';
import { timeData } from './data.mjs';
import { card, machine, threadsInWords } from './machine.mjs';
import { peersPython } from './peers/venv.mjs';
import { benchRecipes } from './recipes.mjs';
import { keepData, keepStart, keepTakings } from './results.mjs';
import { timeStart } from './start.mjs';
import { timeStep } from './step.mjs';
import { rowsOf } from './takings.mjs';
import { works } from './works.mjs';

const listed = (/** @type {string} */ text) => text.split(',');
const say = (/** @type {string} */ line) => console.error(line);
const printRows = (/** @type {readonly object[]} */ rows) => console.log(JSON.stringify({ rows }));

/** Installs and compiles what is to be measured. */
const ready = async () => {
  await ensureInstalled();
  if (!(await built(['packages/codistill/tsconfig.lib.json', 'packages/native/tsconfig.lib.json']))) process.exit(1);
  return peersPython();
};

const workNamed = (/** @type {string} */ name) => {
  const work = works.find((each) => each.name === name);
  if (work === undefined) throw new Error(`there is no work '${name}': there are ${works.map((each) => each.name).join(', ')}`);
  return work;
};

const howLong = (/** @type {number} */ rounds, /** @type {number} */ seconds) => `${rounds} rounds of ${seconds} s each`;

const program = new Command('npm run bench --').description('Measure codistill against its peers. Nothing else should run meanwhile.');
program
  .command('step')
  .description('joint training steps: all contestants take turns in one run; medians of rounds. Rows measured before are kept, but for those measured again')
  .option('--json', 'print the rows as JSON on the last line', false)
  .option('--works <list>', `of ${works.map(({ name }) => name).join(', ')}`, listed, works.map(({ name }) => name))
  .option('--backends <list>', 'native, native-eager, wasm', listed, ['native', 'native-eager', 'wasm'])
  .option('--peers <list>', 'parts of the names of peers; one must be of PyTorch (default: all)', listed, [])
  .option('--threads <list>', 'numbers of threads', (text) => listed(text).map(Number), [1, 2])
  .option('--rounds <n>', 'rounds of each contestant', Number, 5)
  .option('--seconds <n>', 'length of a round; at least one step is taken', Number, 4)
  .option('--dry', 'write nothing', false)
  .action(async ({ works: names, backends, peers, threads: threadCounts, rounds, seconds, dry, json }) => {
    const python = await ready();
    const chosen = names.map(workNamed);
    const about = await machine(python, threadCounts, howLong(rounds, seconds));
    say(`${about.cpu}, ${about.cores} cores, matrix products: ${JSON.stringify(about.matmulGflops)} GFLOP/s by threads`);
    const taken = [];
    for (const work of chosen) {
      for (const threads of threadCounts) {
        say(`${work.name}, ${threadsInWords(threads)}`);
        taken.push({ ...(await timeStep(work, { threads, backends, peers, rounds, seconds, python, say })), machine: about });
      }
    }
    if (!dry) console.log(keepTakings('step', taken));
    if (json) printRows(taken.flatMap(rowsOf));
  });
program
  .command('gpu')
  .description('joint training steps on the card, where libtensorflow for it is installed: npm run native -- --gpu')
  .option('--json', 'print the rows as JSON on the last line', false)
  .option('--rounds <n>', 'rounds of each contestant', Number, 5)
  .option('--seconds <n>', 'length of a round', Number, 2)
  .action(async ({ rounds, seconds, json }) => {
    const python = await ready();
    const threads = availableParallelism();
    const about = await machine(python, [threads], howLong(rounds, seconds), await card());
    const taken = [];
    for (const work of works) {
      say(`${work.name} on ${about.gpu}`);
      taken.push({ ...(await timeStep(work, { threads, backends: ['native', 'native-eager'], peers: [], rounds, seconds, python, device: 'cuda', say })), machine: about });
    }
    console.log(keepTakings('gpu', taken));
    if (json) printRows(taken.flatMap(rowsOf));
  });
program
  .command('data')
  .description('images per second and core, from a folder of JPEG files to augmented batches')
  .requiredOption('--data <folder>', 'images: <folder>/train/<class>/*')
  .option('--rounds <n>', 'rounds of each contestant', Number, 7)
  .option('--json', 'print the row as JSON on the last line', false)
  .action(async ({ data: folder, rounds, json }) => {
    const python = await ready();
    const row = await timeData({ folder: resolve(folder), rounds, python });
    keepData({ machine: await machine(python, [1], `${rounds} rounds`), row });
    console.log(`codistill ${row.ours_images_per_s.toFixed(0)} images/s, torchvision ${row.best_peer_images_per_s.toFixed(0)} images/s: ${row.ratio.toFixed(2)} times as many`);
    if (json) printRows([row]);
  });
program
  .command('start')
  .description('seconds from npm start to the first step, with warm caches')
  .option('--rounds <n>', 'starts', Number, 5)
  .option('--json', 'print the row as JSON on the last line', false)
  .action(async ({ rounds, json }) => {
    await ensureInstalled();
    const row = await timeStart(rounds);
    keepStart({ machine: await machine(await peersPython(), [1], `${rounds} rounds`), row });
    console.log(`npm start has taken its first step after ${row.seconds.toFixed(1)} s`);
    if (json) printRows([row]);
  });
program
  .command('recipes')
  .description('every recipe on folders of images beside its own arm without knowledge transfer; results that are there already are kept, so that the same command goes on')
  .requiredOption('--data <folders>', 'images: <folder>/{train,val,test}/<class>/*, separated by commas', listed)
  .option('--recipes <list>', 'some of them (default: all)', listed, [])
  .option('--seeds <n>', 'from seed 1 on', Number, 3)
  .option('--hours <n>', 'begin no run that would end later', Number, 3)
  .option('--epochs <n>', 'of a run, or of each network where they learn one after the other', Number, 8)
  .option('--size <pixels>', 'images are resized to this square', Number, 32)
  .option('--batch <n>', 'examples per step', Number, 64)
  .option('--limit <n>', 'train on so many images only; 0 for all', Number, 4000)
  .action(async ({ data, recipes, seeds, hours, epochs, size, batch, limit }) => {
    await ensureInstalled();
    if (!(await built(['examples/04-recipes']))) process.exit(1);
    const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
    await benchRecipes({ data, recipes, seeds, hours, budget: { epochs, size, batch, limit }, command, say });
  });
await program.parseAsync();

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import ts from 'typescript';
import { node } from '../scripts/launch.mjs';
import { root } from '../scripts/workspace.mjs';
import { examplesInMarkdown } from './examples.mjs';

// Inside the workspace, so that the packages are found; what the code blocks write falls in here.
const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });
const scratch = mkdtempSync(join(cache, 'readmes-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Two classes of striped images, the one lying and the other standing. */
async function makeImages(/** @type {string} */ folder) {
  for (const [label, name] of ['lying', 'standing'].entries()) {
    mkdirSync(join(scratch, folder, name), { recursive: true });
    for (let id = 0; id < 28; id++) {
      const pixels = Uint8Array.from({ length: 40 * 40 * 3 }, (_, at) => {
        const [row, column] = [Math.floor(at / 120), Math.floor(at / 3) % 40];
        return 100 + ((id * 7 + (label === 0 ? row : column) * 25) % 120);
      });
      await sharp(pixels, { raw: { width: 40, height: 40, channels: 3 } }).png().toFile(join(scratch, folder, name, `${id}.png`));
    }
  }
}

/** An array as NumPy saves it. */
function npy(/** @type {readonly number[]} */ shape, /** @type {Uint8Array} */ bytes) {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`.padEnd(117) + '\n';
  return Uint8Array.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0, ...Buffer.from(header), ...bytes]);
}

/** Images and labels under the keys of MedMNIST. */
function makeNpz(/** @type {string} */ path) {
  const count = 200;
  const images = Uint8Array.from({ length: count * 28 * 28 }, (_, at) => (at * 37) % 251);
  const labels = Uint8Array.from({ length: count }, (_, id) => id % 2);
  const split = (/** @type {string} */ name) => ({ [`${name}_images.npy`]: npy([count, 28, 28], images), [`${name}_labels.npy`]: npy([count, 1], labels) });
  writeFileSync(path, zipSync({ ...split('train'), ...split('val'), ...split('test') }));
}

beforeAll(async () => {
  await makeImages('tiles');
  await makeImages('images');
  makeNpz(join(scratch, 'pathmnist.npz'));
});

const pages = ['README.md', ...['packages', 'examples'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}/README.md`)), 'CONTRIBUTING.md'];
const blocks = pages.filter((page) => existsSync(join(root, page))).flatMap((page) => examplesInMarkdown(page, readFileSync(join(root, page), 'utf8')));
const native = existsSync(join(root, 'node_modules/@tensorflow/tfjs-node'));
if (!native) console.warn('SKIPPED: the code of packages/native/README.md. Native TensorFlow is not installed (npm run native).');
// Laws are tests, which jest runs; what is only declared cannot run.
const runnable = blocks.filter(
  ({ file, code }) => !code.includes('@codistill/testkit') && !/^declare /m.test(code) && (native || file !== 'packages/native/README.md'),
);

it('the pipeline on the first page is among them', () => {
  expect(runnable.filter(({ file, code }) => file === 'README.md' && code.includes('run.fit('))).toHaveLength(1);
});

it.each(runnable.map(({ file, line, code }) => [`${file}:${line}`, code]))('%s runs', async (name, code) => {
  const script = join(scratch, `${name.replaceAll(/\W/g, '-')}.mjs`);
  // Two epochs run through all that thirty do.
  const short = code.replaceAll(/epochs: \d{2,}/g, 'epochs: 2');
  writeFileSync(script, ts.transpileModule(short, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 } }).outputText);
  const ended = await node([script], { cwd: scratch, output: 'capture' });
  expect(`exit ${ended.code}\n${ended.output}`).toMatch(/^exit 0\n/);
});

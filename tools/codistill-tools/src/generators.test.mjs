import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { scratchWorkspace } from '../../scratch/scratch-workspace.mjs';
import { commandOf, node } from '../../scripts/launch.mjs';
import { projects, root } from '../../scripts/workspace.mjs';
import * as generators from './generators.mjs';

const kinds = /** @type {(keyof typeof generators)[]} */ (Object.keys(generators));
const packages = kinds.map((kind) => `packages/${kind}-two-words`);

describe('generated packages', () => {
  const scratch = scratchWorkspace([...projects(['packages']).map(({ folder }) => folder), 'tools']);
  /** @type {Map<string, string>} */
  const files = new Map();
  const { NODE_OPTIONS: _, ...env } = process.env;

  /** @param {readonly string[]} args @param {NodeJS.ProcessEnv} [more] */
  const inScratch = (args, more = {}) => node(args, { cwd: scratch.folder, env: { ...env, ...more }, output: 'capture' });

  beforeAll(() => {
    const tree = createTreeWithEmptyWorkspace();
    tree.write('tsconfig.json', '{ "references": [] }');
    for (const kind of kinds) generators[kind](tree, { name: 'two-words' });
    for (const { path, content } of tree.listChanges()) if (content && path.startsWith('packages/')) files.set(path, content.toString());
    for (const [path, text] of files) scratch.write(path, text);
    scratch.link();
    expect(JSON.parse(tree.read('tsconfig.json', 'utf8') ?? '').references).toEqual(packages.map((folder) => ({ path: `./${folder}` })));
  });
  afterAll(scratch.remove);

  it('have five files each', () => {
    for (const folder of packages) {
      expect([...files.keys()].filter((path) => path.startsWith(`${folder}/`)).sort()).toEqual(
        ['README.md', 'package.json', 'src/index.test.ts', 'src/index.ts', 'tsconfig.json'].map((file) => `${folder}/${file}`),
      );
    }
  });

  it('compile', async () => {
    expect(await inScratch([commandOf('ts7', 'tsc'), '-b', ...packages])).toEqual({ code: 0, output: '' });
  });

  it('pass their own tests', async () => {
    const args = [commandOf('jest'), '--projects', ...packages.map((folder) => join(scratch.folder, folder)), '--maxWorkers=2'];
    const { code, output } = await inScratch(args, { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' });
    expect(code === 0 ? '' : output).toBe('');
    expect(output).toContain(`Test Suites: ${kinds.length} passed, ${kinds.length} total`);
  });

  it('have documentation that compiles', async () => {
    const { code, output } = await inScratch([join(scratch.folder, 'tools/docs/docs.mjs'), '--check', ...packages]);
    expect(output).toMatch(/^\d+ examples compile/);
    expect(code).toBe(0);
  });
});

it('every generator is announced to Nx', () => {
  const announced = JSON.parse(readFileSync(join(root, 'tools/codistill-tools/generators.json'), 'utf8')).generators;
  expect(Object.keys(announced).sort()).toEqual([...kinds].sort());
});

it('a name that is taken is refused', () => {
  const tree = createTreeWithEmptyWorkspace();
  tree.write('packages/loss-here/package.json', '{}');
  expect(() => generators.loss(tree, { name: 'here' })).toThrow('packages/loss-here is already there: choose another name.');
});

import { cpSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf, node, npm } from '../scripts/launch.mjs';
import { projects, root } from '../scripts/workspace.mjs';

describe('the packages as npm would deliver them', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'codistill-pack-')));
  const publishable = projects(['packages', 'examples']).filter((project) => project.publishable);
  const { NODE_OPTIONS: _, ...env } = process.env;
  const quiet = /** @type {const} */ ({ output: 'capture', env });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('pack', async () => {
    const folders = publishable.map((project) => join(root, project.folder));
    // What is shipped, without the tests.
    const libraries = folders.map((each) => [join(each, 'tsconfig.lib.json'), each].find((path) => existsSync(path)) ?? each);
    const compiled = await node([commandOf('ts7', 'tsc'), '-b', ...libraries], quiet);
    expect(compiled).toEqual({ code: 0, output: '' });
    const packed = await npm(['pack', '--ignore-scripts', '--pack-destination', folder, ...folders], quiet);
    expect(packed.code === 0 ? '' : packed.output).toBe('');
    expect(readdirSync(folder)).toHaveLength(publishable.length);
  });

  it('install in an empty folder', async () => {
    const tarballs = readdirSync(folder).map((file) => `./${file}`);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
    const peers = ['@tensorflow/tfjs@4.22.0', '@tensorflow/tfjs-backend-wasm@4.22.0'];
    const args = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...peers, ...tarballs];
    const { code, output } = await npm(args, { ...quiet, cwd: folder });
    expect(code === 0 ? '' : output).toBe('');
  });

  it.each([
    ['7', commandOf('ts7', 'tsc')],
    ['6', commandOf('typescript', 'tsc')],
  ])("compile a user's program with TypeScript %s", async (_version, tsc) => {
    cpSync(join(root, 'tools/pack/user.ts'), join(folder, 'user.ts'));
    // The options of somebody who knows nothing of ours; tfjs's own declarations need skipLibCheck.
    const compilerOptions = { module: 'nodenext', target: 'es2023', lib: ['es2023', 'dom'], strict: true, skipLibCheck: true, types: [] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['user.ts'] }));
    expect(await node([tsc, '-p', folder], { ...quiet, cwd: folder })).toEqual({ code: 0, output: '' });
  });

  it('train', async () => {
    const { code, output } = await node([join(folder, 'user.js')], { ...quiet, cwd: folder });
    expect(code === 0 ? '' : output).toBe('');
    const { steps, small, ensemble, edges } = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    expect(steps).toBe(30);
    expect(edges).toContain('labels -focal(gamma=1)-> small');
    // Three well separated classes: a third would be chance.
    expect(small).toBeGreaterThan(0.6);
    expect(ensemble).toBeGreaterThan(0.6);
  });
});

import { join } from 'node:path';
import { commandOf, node } from '../scripts/launch.mjs';
import { projects } from '../scripts/workspace.mjs';
import { scratchWorkspace } from '../scratch/scratch-workspace.mjs';

const tsc = commandOf('ts7', 'tsc');

/** Everything the engine and the chain may know: the workspace without one package and without the umbrella that gathers all. */
const without = (/** @type {string} */ absent) =>
  projects(['packages'])
    .map(({ folder }) => folder)
    .filter((folder) => ![`packages/${absent}`, 'packages/codistill'].includes(folder));

describe('with packages/losses deleted', () => {
  const scratch = scratchWorkspace(without('losses'));
  afterAll(scratch.remove);

  it.each(['pipeline', 'trainer'])('%s compiles', async (name) => {
    const { code, output } = await node([tsc, '-b', join('packages', name, 'tsconfig.lib.json')], { cwd: scratch.folder, output: 'capture' });
    expect(output).toBe('');
    expect(code).toBe(0);
  });

  it('an import of it does not compile, so the above can fail', async () => {
    scratch.write('packages/pipeline/src/reaches-for-losses.ts', "export { kd } from '@codistill/losses';\n");
    const { code, output } = await node([tsc, '-b', join('packages', 'pipeline', 'tsconfig.lib.json')], { cwd: scratch.folder, output: 'capture' });
    expect(output).toContain("Cannot find module '@codistill/losses'");
    expect(code).not.toBe(0);
  });
});

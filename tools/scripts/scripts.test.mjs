import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node } from './launch.mjs';
import { root } from './workspace.mjs';

/** @param {string} name @param {...string} args */
const script = (name, ...args) => node([join(root, 'tools/scripts', name), ...args], { output: 'capture' });

describe('check-lockfile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'codistill-lock-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** @param {Record<string, object>} packages */
  const check = (packages) => {
    const file = join(folder, 'package-lock.json');
    writeFileSync(file, JSON.stringify({ packages }));
    return script('check-lockfile.mjs', file);
  };
  const tool = { version: '1.0.0', optionalDependencies: { 'tool-linux': '1.0.0', 'tool-mac': '1.0.0' } };

  it('accepts a lock that has every platform', async () => {
    const { code } = await check({
      'node_modules/tool': tool,
      'node_modules/tool-linux': { version: '1.0.0' },
      'node_modules/tool/node_modules/tool-mac': { version: '1.0.0' },
      'node_modules/ours': { resolved: 'packages/ours' },
    });
    expect(code).toBe(0);
  });

  it.each([
    ['a platform is missing', { 'node_modules/tool': tool, 'node_modules/tool-linux': { version: '1.0.0' } }, 'node_modules/tool@1.0.0 wants tool-mac@1.0.0, which is not locked'],
    [
      'a platform has another version',
      { 'node_modules/tool': tool, 'node_modules/tool-linux': { version: '1.0.0' }, 'node_modules/tool-mac': { version: '1.0.1' } },
      'node_modules/tool@1.0.0 wants tool-mac@1.0.0, locked is 1.0.1',
    ],
    ['a registry is named', { 'node_modules/a': { version: '1.0.0', resolved: 'https://example.org/a.tgz' } }, 'node_modules/a@1.0.0 records the address it was downloaded from'],
  ])('refuses a lock where %s', async (_what, packages, sentence) => {
    const { code, output } = await check(packages);
    expect(output).toContain(sentence);
    expect(code).toBe(1);
  });
});

it('an example that does not exist is answered with those that do', async () => {
  expect(await script('example.mjs', 'quickstrat')).toEqual({ code: 1, output: "There is no example 'quickstrat': quickstart, histology, your-own-loss, recipes.\n" });
});

it('a check that does not exist is answered with those that do', async () => {
  const { code, output } = await script('check.mjs', 'spelling');
  expect(output).toContain("There is no check 'spelling': types, lint, docs,");
  expect(code).toBe(1);
});

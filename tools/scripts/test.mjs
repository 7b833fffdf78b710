// npm test [-- patterns and options for jest]. The last line is `N passed, N failed`.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import preset from '../../jest.preset.mjs';
import { built, ensureInstalled } from './ensure.mjs';
import { commandOf, node } from './launch.mjs';
import { projects, root } from './workspace.mjs';

/** Counts of tests by outcome. */
const counts = { passed: 0, failed: 0, skipped: 0 };
process.on('exit', () => {
  console.log(`${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
});

// Until jest has reported, whatever ends this process is a failure.
counts.failed = 1;
process.exitCode = 1;
await ensureInstalled();

const compiles = await built([]);

const scratch = mkdtempSync(join(tmpdir(), 'codistill-test-'));
const report = join(scratch, 'report.json');
const tested = [...projects(['packages', 'examples']).filter((project) => project.tested).map((project) => project.folder), 'tools'];
const { code } = await node(
  [
    commandOf('jest'),
    '--projects', ...tested.map((folder) => join(root, folder)),
    // Of the projects' own settings jest leaves the time out.
    '--maxWorkers=2', '--passWithNoTests', `--testTimeout=${preset.testTimeout}`,
    '--json', `--outputFile=${report}`,
    ...process.argv.slice(2),
  ],
  { env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' }, output: 'stderr' },
);

if (existsSync(report)) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
  counts.passed = numPassedTests;
  counts.failed = numFailedTests + numRuntimeErrorTestSuites + (compiles ? 0 : 1);
  counts.skipped = numPendingTests + numTodoTests;
  process.exitCode = code === 0 && counts.failed === 0 ? 0 : 1;
} else {
  console.error('jest ended without a report.');
}
if (!compiles) console.error('\nThe workspace does not compile (see above jest): that counts as one failed test.');
rmSync(scratch, { recursive: true, force: true });

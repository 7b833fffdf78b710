import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

// A worker thread loads this package to make views again: with tfjs that takes three times as long, and no tensor is ever made there.
it('nothing here loads tfjs, which every worker thread would load too', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  expect(files).toContain('batch-worker.ts');
  const loading = files.filter((name) => /^import (?!type ).* from '(@tensorflow|@codistill\/core')/m.test(readFileSync(join(import.meta.dirname, name), 'utf8')));
  expect(loading).toEqual([]);
});

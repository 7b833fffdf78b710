import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const IMPORTED = /^(?:import|export) (?!type )[^;]*?from '([^']+)'/gms;

/** What a module loads, directly and through the modules of this package. */
const loaded = (file: string, seen = new Set<string>()): ReadonlySet<string> => {
  for (const [, from = ''] of readFileSync(file, 'utf8').replaceAll(/^ \*.*$/gm, '').matchAll(IMPORTED)) {
    const name = from.startsWith('.') ? join(file, '..', from) : from;
    if (seen.has(name)) continue;
    seen.add(name);
    if (from.startsWith('.')) loaded(name, seen);
  }
  return seen;
};
const at = (name: string): string => join(import.meta.dirname, name);

describe('@codistill/core/host', () => {
  it('does not load tfjs; the whole of core does', () => {
    expect([...loaded(at('host.ts'))]).not.toContain('@tensorflow/tfjs');
    expect([...loaded(at('index.ts'))]).toContain('@tensorflow/tfjs');
  });

  it('is part of the whole, and the same values', async () => {
    const [host, whole] = [await import('./host.ts'), await import('./index.ts')];
    expect(whole).toMatchObject(host);
  });
});

import { readFileSync } from 'node:fs';
import { expected } from '../fixtures/expected.ts';
import { javascriptMistakes } from '../fixtures/javascript-mistakes.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const told = [...expected.map(({ code, sentence }) => ({ code, sentence })), ...javascriptMistakes.map(([code, sentence]) => ({ code, sentence }))];
const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm)].map(([, code, sentence]) => ({ code, sentence }));

describe('the tables of mistakes in the README', () => {
  it('name every code', () => {
    expect(new Set(rows.map(({ code }) => code))).toEqual(new Set(told.map(({ code }) => code)));
  });

  it.each(rows)('$code quotes what is said', (row) => {
    expect(told).toContainEqual(row);
  });
});

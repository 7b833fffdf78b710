import { join } from 'node:path';
import { root } from '../scripts/workspace.mjs';
import { asModule, examplesInMarkdown, examplesInSource, importsOf } from './examples.mjs';
import { firstSentence } from './exports.mjs';
import { faultsOf } from './faults.mjs';

const page = ['# Page', '', '```bash', 'npm test', '```', '', '```ts', 'const a = 1;', 'const b = 2;', '```', '', '```ts', 'b;', '```', ''].join('\n');

const source = [
  'export interface Options {',
  '  /**',
  '   * How many.',
  '   *',
  '   * @example',
  '   * const options: Options = { count: 3 };',
  '   * // a comment */'.replace(' */', ''),
  '   */',
  '  readonly count: number;',
  '}',
  '',
  '/** Two. @example two(); */',
  'export const two = (): number => 2;',
  '',
  '/**',
  ' * Three.',
  ' *',
  ' * @example',
  ' * ```ts',
  ' * three();',
  ' * ```',
  ' */',
  'export function three(): number {',
  '  return 3;',
  '}',
].join('\n');

describe('examples', () => {
  it('of a page are its blocks marked ts, with their lines', () => {
    expect(examplesInMarkdown('page.md', page)).toEqual([
      { file: 'page.md', line: 8, code: 'const a = 1;\nconst b = 2;\n' },
      { file: 'page.md', line: 13, code: 'b;\n' },
    ]);
  });

  it('of a source are those of its docstrings, with their lines', () => {
    const examples = examplesInSource('source.ts', source);
    // Lines that hold no code are kept, so that the others keep their places.
    const firstCode = (/** @type {import('./examples.mjs').Example} */ { line, code }) => {
      const lines = code.split('\n');
      const at = lines.findIndex((each) => each.trim() !== '');
      return `${line + at}: ${lines[at]?.trim()}`;
    };
    expect(examples.map(firstCode)).toEqual(['6: const options: Options = { count: 3 };', '12: two();', '20: three();']);
  });

  it('get what they do not bring themselves', () => {
    const scope = new Map([
      ['./index.ts', ['kd', 'hint', 'Term']],
      ['@codistill/core', ['Term', 'Data']],
    ]);
    expect(asModule("import * as tf from '@tensorflow/tfjs';\nconst { hint } = { hint: 1 };\n", scope)).toBe(
      "import { kd, Term } from './index.ts'; import { Data } from '@codistill/core'; export {};\nimport * as tf from '@tensorflow/tfjs';\nconst { hint } = { hint: 1 };\n",
    );
  });

  it('of internal functions also get what their module imports from its package', () => {
    expect(importsOf("import { a, type B, c as d } from './a.ts';\nimport * as tf from '@tensorflow/tfjs';")).toEqual([['./a.ts', ['a', 'B']]]);
  });

  it('that do not compile are reported where they are shown', () => {
    const path = join(root, 'example-0-of-page.md.ts');
    const [example] = examplesInMarkdown('page.md', page.replace('const b = 2;', "const b: number = 'two';"));
    if (example === undefined) throw new Error('the page has examples');
    expect(faultsOf(new Map([[path, example]]), new Map([[path, asModule(example.code, new Map())]]))).toEqual([
      "page.md:9: Type 'string' is not assignable to type 'number'.",
    ]);
  });
});

it.each([
  ['One. Two.', 'One.'],
  ['A pair, e.g. of nodes. More.', 'A pair, e.g. of nodes.'],
  ['Hinton et al. 2015 said so. More.', 'Hinton et al. 2015 said so.'],
  ['Over\nlines\n\nand paragraphs', 'Over lines'],
  ['At 0.5 it ends.', 'At 0.5 it ends.'],
  ['', ''],
])('the first sentence of %j is %j', (text, sentence) => {
  expect(firstSentence(text)).toBe(sentence);
});

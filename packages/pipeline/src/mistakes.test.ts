import { CodistillError } from '@codistill/core';
import { compile } from '../fixtures/compile.ts';
import { expected, fixture } from '../fixtures/expected.ts';
import { mistakes } from '../fixtures/mistakes.ts';

const rows = expected.map((row, index) => ({ ...row, index }));

/** Where only a name or a word is wrong, the compiler's own sentence is the better one: it suggests the right word. */
const WORDED_BY_TYPESCRIPT = ['NODE_UNKNOWN', 'STAGE_UNKNOWN', 'TAKES_NO', 'OPTION_UNKNOWN', 'CHOICE_UNKNOWN'];

const wrongWord = (sentence: string): string | undefined => [...sentence.matchAll(/'([^']+)'/g)].at(sentence.startsWith('.mutual') ? -1 : 0)?.[1];

describe('the fixture', () => {
  it('has a comment above every mistake', () => {
    expect(expected).toHaveLength(mistakes.length);
    expect(expected.length).toBeGreaterThan(40);
  });
});

describe('a mistake as the compiler tells it', () => {
  const { findings } = compile(fixture.replaceAll('@ts-expect-error', ''));

  it('is told nowhere else', () => {
    expect(findings.map(({ line }) => line)).toEqual(expected.map(({ line }) => line));
  });

  it.each(rows)('$code: $source', ({ line, code, sentence }) => {
    const told = findings.filter((finding) => finding.line === line).map(({ text }) => text);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(WORDED_BY_TYPESCRIPT.includes(code) ? wrongWord(sentence) : `PipelineError<"${sentence}">`);
  });
});

describe('the same mistake when it runs', () => {
  it.each(rows)('$code: $source', async ({ index, code, sentence }) => {
    const error = await Promise.resolve()
      .then(() => mistakes[index]?.())
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CodistillError);
    expect(error).toMatchObject({ code, message: sentence });
  });
});

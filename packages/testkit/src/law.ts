/**
 * One thing that must be true of a part. `check` returns if it is, and throws an error whose message is a sentence if not.
 *
 * @example
 * const law: Law = { name: 'is finite', check: () => { if (!Number.isFinite(1)) throw new Error('1 is not finite'); } };
 */
export interface Law {
  readonly name: string;
  check(): void | Promise<void>;
}

interface Runner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => void | Promise<void>, timeout?: number): void;
}

/**
 * Registers laws as tests with the runner whose `describe` and `it` are global (jest, vitest with globals, mocha).
 *
 * @param subject - what the laws are about; the title of the group
 * @param laws - see `termLaws` and its siblings
 * @throws Error where no runner is found
 * @example
 * testLaws('arithmetic', [{ name: 'adds', check: () => { if (1 + 1 !== 2) throw new Error('1 + 1 is not 2'); } }]);
 */
export const testLaws = (subject: string, laws: readonly Law[]): void => {
  const { describe, it } = globalThis as unknown as Partial<Runner>;
  if (describe === undefined || it === undefined) {
    throw new Error('testkit found no global describe and it: run this file with jest, or use the laws themselves.');
  }
  describe(subject, () => {
    for (const law of laws) it(law.name, () => law.check(), 60_000);
  });
};

/**
 * Fails a law with a sentence.
 *
 * @example
 * insist(2 > 1, () => 'two is not more than one');
 */
export function insist(holds: boolean, sentence: () => string): asserts holds {
  if (!holds) throw new Error(sentence());
}

/**
 * `block1 | block2 | …`, one per element of a tuple; `` `block${number}` `` for an array of unknown length.
 *
 * @example
 * const second: Numbered<'block', [16, 32]> = 'block2';
 */
export type Numbered<Word extends string, List extends readonly unknown[]> = number extends List['length']
  ? `${Word}${number}`
  : `${Word}${Exclude<Extract<keyof [unknown, ...List], `${number}`>, '0'>}`;

/**
 * Puts values under the signals `tap:<word>1`, `tap:<word>2`, …, in order.
 *
 * @param word - what is counted
 * @param values - one per signal
 * @example
 * numberedTaps('block', ['a', 'b']); // { 'tap:block1': 'a', 'tap:block2': 'b' }
 */
export const numberedTaps = <Word extends string, T>(word: Word, values: readonly T[]): Readonly<Record<`tap:${Word}${number}`, T>> =>
  Object.fromEntries(values.map((value, index) => [`tap:${word}${index + 1}`, value])) as Record<`tap:${Word}${number}`, T>;

/**
 * A list of names as it reads in a sentence.
 *
 * @example
 * namesOf(['logits', 'tap:pooled']); // "'logits' and 'tap:pooled'"
 */
export const namesOf = (names: readonly string[]): string => {
  const quoted = names.map((name) => `'${name}'`);
  return quoted.length < 2 ? (quoted[0] ?? 'nothing') : `${quoted.slice(0, -1).join(', ')} and ${String(quoted.at(-1))}`;
};

/**
 * What is said when a pipeline is composed wrongly. Each sentence is a function whose return type is the sentence itself: the
 * chain's types show it at compile time, its code throws it at run time, and the two cannot differ.
 */

/**
 * How a label kind is called in a sentence.
 *
 * @example
 * labelNoun.mask; // 'masks'
 */
export const labelNoun = { class: 'class labels', mask: 'masks', boxes: 'boxes', density: 'density maps' } as const;

/**
 * Sentences about composition. Codes are the keys in upper snake case.
 *
 * @example
 * compose.nameTaken('small'); // "node 'small' is already defined"
 */
export const compose = {
  classesDiffer: <const Who extends string, const Has extends number, const Want extends number>(
    who: Who,
    has: Has,
    want: Want,
  ): `${Who} has ${Has} classes but the data has ${Want}` => `${who} has ${has} classes but the data has ${want}`,
  nameTaken: <const Name extends string>(name: Name): `node '${Name}' is already defined` => `node '${name}' is already defined`,
} as const;

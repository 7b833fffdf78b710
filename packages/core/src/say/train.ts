/**
 * Sentences about train. Codes are the keys in upper snake case.
 *
 * @example
 * Object.keys(train);
 */
export const train = {} as const;

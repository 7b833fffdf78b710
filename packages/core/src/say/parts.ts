/**
 * Sentences about parts. Codes are the keys in upper snake case.
 *
 * @example
 * Object.keys(parts);
 */
export const parts = {} as const;

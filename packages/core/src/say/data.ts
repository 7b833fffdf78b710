/**
 * Sentences about data. Codes are the keys in upper snake case.
 *
 * @example
 * Object.keys(data);
 */
export const data = {} as const;

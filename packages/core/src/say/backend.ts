/**
 * Sentences about backend. Codes are the keys in upper snake case.
 *
 * @example
 * Object.keys(backend);
 */
export const backend = {} as const;

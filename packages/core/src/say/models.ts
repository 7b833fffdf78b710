/**
 * Sentences about models. Codes are the keys in upper snake case.
 *
 * @example
 * Object.keys(models);
 */
export const models = {} as const;

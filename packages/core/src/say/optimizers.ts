/**
 * Sentences about optimizers. Codes are the keys in upper snake case.
 *
 * @example
 * optimizers.tensorMissing('v', 'kernel'); // "internal: an optimizer was given no 'v' for parameter 'kernel': …"
 */
export const optimizers = {
  chainOrder: (misplaced?: string): string =>
    `chain takes transforms and then one optimizer, such as descend({ lr }) or sgd({ lr }), but ${misplaced === undefined ? 'it was given nothing' : `'${misplaced}' stands in the wrong place`}.`,
  tensorMissing: (letter: string, parameter?: string): string =>
    `internal: an optimizer was given no '${letter}'${parameter === undefined ? '' : ` for parameter '${parameter}'`}: pass update the parameters, and the slots that init made under the same names.`,
} as const;

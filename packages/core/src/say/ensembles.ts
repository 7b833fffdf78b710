/**
 * Sentences about combining nodes. Codes are the keys in upper snake case.
 *
 * @example
 * ensembles.weightCount(3, 2); // "ensembler 'weighted' has 3 weights but combines 2 nodes: give one weight per node, in the order of 'of'."
 */
export const ensembles = {
  noMembers: (ensembler: string): string => `ensembler '${ensembler}' was given no node to combine: name at least one in 'of'.`,
  memberTwice: (node: string): string =>
    `ensembleOf names node '${node}' twice: name each node once, and use weighted({ weights }) where one should count for more.`,
  weightCount: (weights: number, members: number): string =>
    `ensembler 'weighted' has ${weights} weight${weights === 1 ? '' : 's'} but combines ${members} node${members === 1 ? '' : 's'}: give one weight per node, in the order of 'of'.`,
  weightsInvalid: (weights: readonly number[]): string =>
    `ensembler 'weighted' was given the weights [${weights.join(', ')}]: each must be a finite number of at least 0, and one must be above 0.`,
} as const;

/**
 * Sentences about measuring. Codes are the keys in upper snake case.
 *
 * @example
 * metrics.notGiven('logits', ['tap:pooled']); // "internal: a metric reads 'logits' but was given only tap:pooled."
 */
export const metrics = {
  notGiven: (name: string, given: readonly string[]): string =>
    `internal: a metric reads '${name}' but was given ${given.length === 0 ? 'nothing' : `only ${given.join(', ')}`}.`,
  countInvalid: (metric: string, option: string, value: number): string =>
    `metric '${metric}' was given ${option} = ${value}: it must be a whole number of at least 1.`,
  trialsInvalid: (successes: number, trials: number): string =>
    `wilsonInterval was given ${successes} successes in ${trials} trials: trials must be a whole number of at least 1, successes one from 0 to trials.`,
  levelInvalid: (level: number): string => `wilsonInterval was given level = ${level}: it must lie between 0 and 1, as 0.95 does.`,
  pairsDiffer: (a: number, b: number): string =>
    `pairedDifference was given ${a} and ${b} values: it needs the same seeds, in the same order, on both sides, and at least one.`,
} as const;

/**
 * Sentences about tables of results. Codes are the keys in upper snake case.
 *
 * @example
 * reports.noSuchArm('plain', ['ce', 'kd']); // "there is no arm 'plain' to compare with: the arms are ce, kd."
 */
export const reports = {
  noSuchArm: (baseline: string, arms: readonly string[]): string =>
    `there is no arm '${baseline}' to compare with: the arms are ${arms.join(', ')}.`,
  seedsDiffer: (measure: string, arm: string, has: number, baseline: string, want: number): string =>
    `arm '${arm}' has ${has} value${has === 1 ? '' : 's'} of '${measure}' and the baseline '${baseline}' has ${want}: run both with the same seeds.`,
} as const;

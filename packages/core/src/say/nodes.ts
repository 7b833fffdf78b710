const shape = (lengths: readonly number[]): string => `[${lengths.join(', ')}]`;

/**
 * Sentences about derived nodes and programs. Codes are the keys in upper snake case.
 *
 * @example
 * nodes.membersFew('gated', 1); // "gated: 'of' names 1 node: name different ones, at least 2."
 */
export const nodes = {
  /** Too few members, or one of them twice. */
  membersFew: (node: string, count: number): string => `${node}: 'of' names ${count} node${count === 1 ? '' : 's'}: name different ones, at least 2.`,

  /** Two networks whose blocks do not fit together; shapes are those of one example. */
  blocksDiffer: (node: string, tap: string, names: readonly [string, string], first: readonly number[], second: readonly number[]): string =>
    `${node}: tap '${tap}' has shape ${shape(first)} in '${names[0]}' and ${shape(second)} in '${names[1]}', and blocks can only be swapped where they agree. ` +
    `Use networks of one family and width.`,

  /** A classifier that is lent under a name that does not exist. */
  layerMissing: (node: string, layer: string, owner: string, parameters: readonly string[]): string =>
    `${node}: '${owner}' has no parameter '${layer}/kernel'. Name its classifier: its parameters are ${parameters.join(', ')}.`,

  /** A classifier that reads more or fewer features than it is given. */
  classifierWidth: (node: string, tap: string, has: number, owner: string, want: number): string =>
    `${node}: tap '${tap}' is ${has} wide but the classifier of '${owner}' reads ${want}. Project the features to that width: projected(model, { to: { channels: ${want} } }).`,

  /** Features that a distance between examples, or a pooling, cannot be computed of. */
  featuresFlat: (node: string, tap: string, flat: readonly number[]): string =>
    `${node}: tap '${tap}' has shape ${shape(flat)} and must have [features] or [height, width, features].`,

  /** Peers whose features are compared have different widths. */
  peersDiffer: (node: string, tap: string, widths: readonly number[]): string =>
    `${node}: tap '${tap}' of its members is ${widths.join(', ')} wide, and must be equally wide in all. Use peers of one width.`,

  /** There is no image to look at. */
  imageWanted: (view: string, input: readonly number[]): string => `${view}: the input has shape ${shape(input)} and must be an image, [height, width, channels].`,

  /** A program that needs losses the graph does not have. */
  examMissing: (program: string, what: string): string => `${program}: there is no loss for the exam: ${what}.`,
} as const;

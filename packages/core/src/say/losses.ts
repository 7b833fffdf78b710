/**
 * Sentences about losses and what they are between. Codes are the keys in upper snake case.
 *
 * @example
 * losses.twoClasses('lskd', 'a standardised pair of logits keeps nothing but its order', 'kd({ temperature: 2 })');
 */
export const losses = {
  /** A loss that two classes leave nothing of. */
  twoClasses: (loss: string, why: string, instead: string): string =>
    `loss '${loss}' teaches nothing of its own with 2 classes: ${why}. Use ${instead}.`,

  /** One weight per class is asked for, and there are more or fewer. */
  classWeightsCount: (loss: string, weights: number, classes: number): string =>
    `loss '${loss}': there are ${weights} class weights but the logits have ${classes} classes. Give one weight per class.`,

  /** Channels differ, and the loss has a projection to offer. */
  projectionMissing: (loss: string, tap: string, source: number, learner: number): string =>
    `loss '${loss}': tap '${tap}' is ${source} wide in the source and ${learner} in the learner. ` +
    `Add a projection: ${loss}({ at: '${tap}', project: true }).`,

  /** A list of numbers, one per channel of a tap, has another length. */
  channelsCount: (loss: string, option: string, numbers: number, tap: string, channels: number): string =>
    `loss '${loss}': ${option} has ${numbers} number${numbers === 1 ? '' : 's'} but tap '${tap}' has ${channels} channels in the source. Give one per channel.`,

  /** A tap that is no map of height, width and channels, where convolutions are wanted. */
  mapWanted: (loss: string, tap: string, shape: readonly number[]): string =>
    `loss '${loss}': tap '${tap}' has shape [${shape.join(', ')}] and must have [height, width, channels]. Tap a convolution, before the pooling.`,

  /** Channels differ, and nothing the loss has could change that. */
  channelsDiffer: (loss: string, tap: string, source: number, learner: number): string =>
    `loss '${loss}': tap '${tap}' has ${source} channels in the source and ${learner} in the learner, and must have as many. Tap two layers of one width.`,

  /** Networks whose weights are compared are not alike. */
  parametersDiffer: (loss: string, parameter: string): string =>
    `loss '${loss}': parameter '${parameter}' is not in the other network, or has another shape there. Compare a node with a copy of itself, or with one of the same model.`,
} as const;

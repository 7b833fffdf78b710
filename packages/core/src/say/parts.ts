/** A list as it reads in a sentence: `none`, `a`, `a and b`, `a, b and c`. */
const list = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? 'none') : `${names.slice(0, -1).join(', ')} and ${String(names.at(-1))}`;

const shape = (lengths: readonly number[]): string => `[${lengths.join(', ')}]`;

/**
 * Sentences about parts: losses, schedules, optimizers and their like. Codes are the keys in upper snake case.
 *
 * @example
 * parts.optionInvalid('kd', 'temperature', 0, 'a number above 0'); // "kd: temperature must be a number above 0, not 0."
 */
export const parts = {
  /** An option outside its range. `must` completes "must be …". */
  optionInvalid: (part: string, option: string, value: unknown, must: string): string =>
    `${part}: ${option} must be ${must}, not ${typeof value === 'string' ? `'${value}'` : String(value)}.`,

  /** One weight per class is asked for, and there are more or fewer. */
  classWeightsCount: (weights: number, classes: number): string =>
    `loss 'crossEntropy': there are ${weights} class weights but the logits have ${classes} classes. Give one weight per class.`,

  /** Channels differ; widths are channel counts. */
  tapWidth: (loss: string, tap: string, source: number, learner: number): string =>
    `loss '${loss}': tap '${tap}' is ${source} wide in the source and ${learner} in the learner. ` +
    `Add a projection: hint({ at: '${tap}', project: true }).`,

  /** Heights and widths (or ranks) differ; shapes are those of one example. */
  tapSize: (loss: string, tap: string, source: readonly number[], learner: readonly number[]): string =>
    `loss '${loss}': tap '${tap}' has shape ${shape(source)} in the source and ${shape(learner)} in the learner, ` +
    `and all lengths but the last must agree. Tap a layer of the same height and width in both.`,

  /** A tap without height and width, where a map is wanted. */
  tapFlat: (loss: string, tap: string, flat: readonly number[]): string =>
    `loss '${loss}': tap '${tap}' has shape ${shape(flat)}, without height and width to attend to. Tap a layer before the pooling.`,

  /** The engine named no shape for a signal the term declared. */
  tapUnknown: (loss: string, tap: string, known: readonly string[]): string =>
    `internal: loss '${loss}' was told no shape of tap '${tap}', only of ${list(known)}.`,
} as const;

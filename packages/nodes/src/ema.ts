import { CodistillError, type Copy, defineCopy, defineSchedule, say, type Schedule } from '@codistill/core';

/**
 * Options of {@link ema}.
 *
 * @example
 * const options: EmaOptions<'small'> = { of: 'small', decay: 0.99 };
 */
export interface EmaOptions<Of extends string = string> {
  /** The node whose weights are averaged. */
  readonly of: Of;
  /** φ in [0, 1): how much of the average is kept at every step; default 0.999. */
  readonly decay?: number;
  /** How it is read in training steps, see `Copy`; default `'training'`. */
  readonly mode?: Copy['mode'];
}

/** `min(1 − 1/(step + 1), φ)`: the average begins as a plain mean, and with the original's weights. */
const warm = (decay: number): Schedule =>
  defineSchedule({ package: '@codistill/nodes', name: 'warmDecay', options: { decay } }, ({ step }) => Math.min(1 - 1 / (step + 1), decay));

/**
 * The mean teacher: a copy whose weights are an exponential moving average of a node's, after every step
 *
 * `θ′ ← φ θ′ + (1 − φ) θ`, `φ = min(1 − 1/(step + 1), decay)`.
 *
 * Tarvainen & Valpola 2017, "Mean teachers are better role models", arXiv:1703.01780; their code averages parameters only, lets the
 * copy's batch norm see the batch (`mode: 'training'`) and ramps φ up so; 0.999 is its default. With `mode: 'inference'`, which is
 * ours, moving statistics are averaged too and the copy is deterministic.
 *
 * @param options - `of`, `decay` (default 0.999), `mode` (default `'training'`)
 * @returns a node that is never trained by a loss, is measured and exported like a student, and emits what its original does
 * @throws CodistillError `OPTION_INVALID` for a decay outside [0, 1)
 * @example
 * const mean = ema({ of: 'small', decay: 0.99 });
 * console.log(mean.of); // ['small'], and typed so
 */
export const ema = <const Of extends string>({ of, decay = 0.999, mode = 'training' }: EmaOptions<Of>): Copy<Of> => {
  if (!(decay >= 0 && decay < 1)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('ema', 'decay', decay, 'at least 0 and below 1'));
  return defineCopy({ package: '@codistill/nodes', name: 'ema', options: { of, decay, mode }, of: [of], follows: { every: 'step', decay: warm(decay) }, mode });
};

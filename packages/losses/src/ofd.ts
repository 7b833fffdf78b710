import { CodistillError, defineTerm, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { projection } from './projection.ts';
import { rows } from './rows.ts';
import { tapShape } from './tap-shapes.ts';

/**
 * Options of {@link ofd}.
 *
 * @example
 * const options: OfdOptions<'last'> = { at: 'last', project: true };
 */
export interface OfdOptions<At extends string> {
  /** The tap to compare, by the name it has in both models: best before its ReLU. */
  readonly at: At;
  /** Whether a trainable linear map takes the learner's channels to the source's; default false. */
  readonly project?: boolean;
  /** One number of at most 0 per channel of the source; default the mean of its negative responses in the batch. */
  readonly margins?: readonly number[];
}

/** The mean of each channel's negative values, 0 where it has none. */
const meanNegative = (f: tf.Tensor): tf.Tensor => {
  const axes = f.shape.slice(0, -1).map((_, axis) => axis);
  const count = tf.step(f.neg()).sum(axes);
  return tf.minimum(f, 0).sum(axes).div(tf.maximum(count, 1));
};

/**
 * Overhaul of feature distillation: `Σ (r(f_s) − t)²` over elements with `r(f_s) > t` or `t > 0`, where `t = max(f_t, m_c)` with a margin
 * `m_c ≤ 0` per channel: what the source suppresses, the learner need only suppress enough.
 * After Heo et al. 2019, "A comprehensive overhaul of feature distillation", arXiv:1904.01866. This form has not been compared with the
 * authors' code; margins from the batch, and a plain linear r, are our choices. As a sum it needs a small weight.
 *
 * @param options - `at`, `project` (default false), `margins`
 * @returns a term on a tap of any rank ≥ 2, of value `[batch]`. With `project` it owns the parameters `projector/kernel` and
 *   `projector/bias`
 * @throws CodistillError `OPTION_INVALID` for a margin above 0; from `state`: `TAP_SIZE`, `TAP_WIDTH` where the taps' shapes do not fit,
 *   `CHANNELS_COUNT` where there is not one margin per channel
 * @example
 * const overhauled = ofd({ at: 'last', project: true });
 */
export const ofd = <const At extends string>({ at, project = false, margins }: OfdOptions<At>): Term<'ofd', 'node', `tap:${At}`, never> => {
  const wrong = margins?.find((margin) => !(margin <= 0 && margin > -Infinity));
  if (wrong !== undefined) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('ofd', 'each of margins', wrong, 'a number of at most 0'));
  const r = projection('ofd', at, project);
  const tap = `tap:${at}` as const;
  return defineTerm({
    package: '@codistill/losses',
    name: 'ofd',
    options: { at, ...(project && { project }), ...(margins && { margins }) },
    from: 'node',
    needs: [tap],
    state: (ends, key) => {
      const channels = tapShape('ofd', at, ends.from).at(-1) ?? 0;
      if (margins !== undefined && margins.length !== channels) {
        throw new CodistillError('CHANNELS_COUNT', say.losses.channelsCount('ofd', 'margins', margins.length, at, channels));
      }
      return r.state(ends, key);
    },
    compute: (student, teacher, context) => {
      const s = r.apply(student[tap], context);
      const m = margins === undefined ? meanNegative(teacher[tap]) : tf.tensor1d([...margins], 'float32');
      // max(f_t, m), in a way whose gradient knows that m is one number per channel.
      const t = tf.relu(teacher[tap].sub(m)).add(m);
      const counts = tf.maximum(tf.step(s.sub(t)), tf.step(t));
      return rows(tf.squaredDifference(s, t).mul(counts)).sum(-1);
    },
  });
};

import { CodistillError, defineTerm, say, type Term } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { norm } from './norm.ts';
import { tapShapes } from './tap-shapes.ts';

/**
 * Options of {@link attention}.
 *
 * @example
 * const options: AttentionOptions<'block3'> = { at: 'block3', form: 'paper' };
 */
export interface AttentionOptions<At extends string> {
  /** The tap to compare, by the name it has in both models: a map, before any pooling. */
  readonly at: At;
  /** `'code'` (default) is what the authors' published code computes, `'paper'` what their paper writes. */
  readonly form?: 'code' | 'paper';
}

/** `Q = E / ‖E‖₂` with the energy `E_hw = mean_c A_hwc²`, flattened: `[batch, ..., channels] → [batch, positions]`. */
const attentionMap = (A: tf.Tensor): tf.Tensor => {
  const E = A.square().mean(-1).reshape([A.shape[0], A.shape.slice(1, -1).reduce((size, length) => size * length, 1)]);
  return E.div(norm(E));
};

/**
 * Attention transfer: the distance between normalised spatial energy maps, `mean_hw (Q_s − Q_t)²` in the form of the code and
 * `‖Q_s − Q_t‖₂` in the form of the paper.
 * Zagoruyko & Komodakis 2017, "Paying more attention to attention", arXiv:1612.03928.
 *
 * Channel counts may differ; heights and widths may not. The two forms differ in scale and in gradient: the published weight
 * of 1000 goes with `'code'`.
 *
 * @param options - `at`; `form`, default `'code'`
 * @returns a term on a tap of rank ≥ 3, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for another form; from `state`: `TAP_SIZE` where heights or widths differ, `TAP_FLAT`
 *   where the tap has none
 * @example
 * const whereToLook = attention({ at: 'block3' });
 */
export const attention = <const At extends string>({ at, form = 'code' }: AttentionOptions<At>): Term<'attention', 'node', `tap:${At}`, never> => {
  if (!['code', 'paper'].includes(form)) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('attention', 'form', form, "'code' or 'paper'"));
  }
  const tap = `tap:${at}` as const;
  return defineTerm({
    package: '@codistill/losses',
    name: 'attention',
    options: { at, form },
    from: 'node',
    needs: [tap],
    state: (ends) => {
      const { source } = tapShapes('attention', at, ends);
      if (source.length < 2) throw new CodistillError('TAP_FLAT', say.parts.tapFlat('attention', at, source));
      return { parameters: {}, buffers: {} };
    },
    compute: (student, teacher) => {
      const difference = attentionMap(student[tap]).sub(attentionMap(teacher[tap]));
      return form === 'code' ? difference.square().mean(-1) : norm(difference, false);
    },
  });
};

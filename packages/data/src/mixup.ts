import { CodistillError, type HostArray, type View, defineView, fold, permutation, say } from '@codistill/core/host';
import { betaSample } from './beta-sample.ts';

/**
 * Options of {@link mixup}.
 *
 * @example
 * const options: MixupOptions = { alpha: 0.2 };
 */
export interface MixupOptions {
  /** Shape of the Beta distribution, above 0; default 0.2, within the paper's 0.1 to 0.4 for ImageNet. */
  readonly alpha?: number;
}

/**
 * Mixes each example with another of its batch: `x̃ = λ x + (1 − λ) x′`, labels likewise, `λ ~ Beta(α, α)`, one λ per batch.
 * Zhang et al. 2018, arXiv:1710.09412.
 *
 * @param options - see {@link MixupOptions}
 * @throws CodistillError `VIEW_OPTION`
 * @example
 * const view = mixup({ alpha: 0.2 });
 */
export const mixup = ({ alpha = 0.2 }: MixupOptions = {}): View => {
  if (!(alpha > 0 && alpha < Infinity)) throw new CodistillError('VIEW_OPTION', say.loading.viewOption('mixup', 'alpha', 'above 0', alpha));
  return defineView({ package: '@codistill/data', name: 'mixup', options: { alpha } }, (batch, key) => {
    const λ = betaSample(fold(key, 'share'), alpha);
    const partner = permutation(fold(key, 'partner'), batch.ids.length);
    const mixed = ({ shape, values }: HostArray): HostArray => {
      const size = values.length / batch.ids.length;
      const out = values.map((value, at) => {
        const row = Math.floor(at / size);
        return λ * value + (1 - λ) * (values[(partner[row] ?? row) * size + (at % size)] as number);
      });
      return { shape, values: out };
    };
    return { ids: batch.ids, input: mixed(batch.input), labels: Object.fromEntries(Object.entries(batch.labels).map(([name, array]) => [name, mixed(array)])) };
  });
};

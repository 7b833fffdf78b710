import { type Key, fold, normal, uniform } from '@codistill/core/host';

/** Marsaglia & Tsang 2000, with their boost for shapes below 1. */
const gamma = (key: Key, shape: number): number => {
  const d = (shape < 1 ? shape + 1 : shape) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let attempt = 0; ; attempt++) {
    const own = fold(key, attempt);
    const [z = 0] = normal(fold(own, 'z'), 1);
    const [u = 0, boost = 1] = uniform(fold(own, 'u'), 2);
    const v = (1 + c * z) ** 3;
    if (v > 0 && Math.log(u || Number.MIN_VALUE) < 0.5 * z * z + d - d * v + d * Math.log(v)) {
      return d * v * (shape < 1 ? (boost || Number.MIN_VALUE) ** (1 / shape) : 1);
    }
  }
};

/**
 * A draw from Beta(α, α).
 *
 * @param alpha - above 0
 * @example
 * const share = betaSample([0, 7], 0.2);
 */
export const betaSample = (key: Key, alpha: number): number => {
  const [x, y] = [gamma(fold(key, 'x'), alpha), gamma(fold(key, 'y'), alpha)];
  return x + y === 0 ? 0.5 : x / (x + y);
};

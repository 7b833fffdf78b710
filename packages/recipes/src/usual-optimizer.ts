import type { Optimizer } from '@codistill/core';
import { sgd } from '@codistill/optimizers';
import { cosine, join } from '@codistill/schedulers';

/** What the branch-based systems of the field were published with: PCL (as reproduced), OKDDip (its code). */
const LR = 0.1;

const rateOf = (epochs: readonly number[]): ReturnType<typeof cosine> => {
  const rate = cosine({ from: LR });
  if (epochs.length < 2) return rate;
  const borders = epochs.slice(0, -1).map((_, index) => epochs.slice(0, index + 1).reduce((sum, each) => sum + each, 0));
  return join(epochs.map(() => rate), { epochs: borders });
};

/**
 * The optimizer of a recipe that is given none: SGD with Nesterov momentum 0.9 and weight decay 5 · 10⁻⁴, from a rate of 0.1. These
 * numbers are those of PCL's reproduction and of OKDDip's code; half a cosine over the run, where both take stairs, is our choice,
 * because it asks for no epoch.
 *
 * @param epochs - lengths of the stages, in each of which the rate comes down; default: once over the run
 * @example
 * const once = usualOptimizer();
 * const thrice = usualOptimizer(60, 60, 60);
 */
export const usualOptimizer = (...epochs: readonly number[]): Optimizer => sgd({ lr: rateOf(epochs), momentum: 0.9, nesterov: true, weightDecay: 5e-4 });

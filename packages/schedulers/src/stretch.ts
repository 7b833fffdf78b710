import type { Progress } from '@codistill/core';

/**
 * Where training stands within a part of the run, as if that part were the whole run: a schedule that follows another one
 * starts from its own beginning, and reaches its end with the part's.
 *
 * @param progress - of the whole run
 * @param start - the part's first step
 * @param end - the step after its last; a part has at least one step, even where the run ends before it
 * @returns a progress with a negative step before the part begins
 * @example
 * stretch({ step: 30, steps: 100, epoch: 3, epochs: 10 }, 20, 100); // { step: 10, steps: 80, epoch: 1, epochs: 8 }
 */
export const stretch = ({ step, steps, epoch, epochs }: Progress, start: number, end: number): Progress => {
  const perEpoch = steps / epochs;
  const length = Math.max(1, end - start);
  return { step: step - start, steps: length, epoch: epoch - start / perEpoch, epochs: length / perEpoch };
};

import { CodistillError, type Progress, type Spec, type Stage, say } from '@codistill/core';

/**
 * When a run's epochs, steps and stages are.
 *
 * @example
 * const lastStep = (timetable: Timetable): number => timetable.steps - 1;
 */
export interface Timetable {
  readonly epochs: number;
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Where training stands before a step. */
  progressAt(step: number): Progress;
  /** The stage a step belongs to; `undefined` where there are none. */
  stageAt(step: number): Stage | undefined;
  /** The stage whose first step this is. */
  stageFrom(step: number): Stage | undefined;
}

/**
 * Works out the length of a run.
 *
 * @param spec - whose stages, if it has any, say how long
 * @param epochs - of `fit`
 * @param stepsPerEpoch - batches of the training split
 * @throws CodistillError `EPOCHS`, `EPOCHS_MISSING`, `EPOCHS_AND_STAGES`
 * @example
 * declare const spec: Spec;
 * const { steps } = timetable(spec, 10, 100); // 1000
 */
export const timetable = (spec: Spec, epochs: number | undefined, stepsPerEpoch: number): Timetable => {
  const staged = spec.stages.reduce((sum, stage) => sum + stage.epochs, 0);
  if (spec.stages.length > 0 && epochs !== undefined && epochs !== staged) {
    throw new CodistillError('EPOCHS_AND_STAGES', say.train.epochsAndStages(staged));
  }
  const total = spec.stages.length > 0 ? staged : epochs;
  if (total === undefined) throw new CodistillError('EPOCHS_MISSING', say.train.epochsMissing());
  if (!Number.isSafeInteger(total) || total < 1) throw new CodistillError('EPOCHS', say.train.epochs(total));
  const steps = total * stepsPerEpoch;
  const begins = spec.stages.map((_, index) => spec.stages.slice(0, index).reduce((sum, { epochs: before }) => sum + before * stepsPerEpoch, 0));
  return {
    epochs: total,
    steps,
    stepsPerEpoch,
    progressAt: (step) => ({ step, steps, epoch: step / stepsPerEpoch, epochs: total }),
    stageAt: (step) => spec.stages[begins.findLastIndex((begin) => begin <= step)],
    stageFrom: (step) => spec.stages[begins.indexOf(step)],
  };
};

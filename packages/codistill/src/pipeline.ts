import { createPipeline } from '@codistill/pipeline';
import { trainer } from './trainer.ts';

/**
 * Begins a pipeline: a teacher and N students that train together on `data`. Classification is measured by accuracy, macro-F1,
 * NLL and ECE unless `fit` names other metrics; the backend is the best this machine has.
 *
 * @param data - task, shape and splits
 * @returns the typed chain, see `@codistill/pipeline`
 * @example
 * import type { Data } from '@codistill/core';
 * declare const data: Data<'class', 10>;
 * const run = await pipeline(data)
 *   .teacher(resnet({ depth: 20 }))
 *   .students({ a: resnet({ depth: 8 }), b: resnet({ depth: 8 }) })
 *   .supervise(crossEntropy())
 *   .distill(kd({ temperature: 4 }))
 *   .mutual(kd())
 *   .optimize(sgd({ lr: 0.1, momentum: 0.9 }))
 *   .ensemble(meanProbabilities())
 *   .build();
 */
export const pipeline: ReturnType<typeof createPipeline> = createPipeline(trainer());

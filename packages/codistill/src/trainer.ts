import type { Engine } from '@codistill/core';
import { classificationMetrics } from '@codistill/metrics';
import { type TrainerOptions, trainer as engine } from '@codistill/trainer';
import { bestBackends } from './best-backends.ts';

/**
 * The engine of `@codistill/trainer`, with all backends codistill has to choose from; it measures classification by accuracy, macro-F1,
 * NLL and ECE unless it is told otherwise.
 *
 * @param options - as there; `candidates` default to {@link bestBackends}, `metrics` to `classificationMetrics()`
 * @returns what `createPipeline` needs to build a run
 * @example
 * const graphRunner = trainer({ backend: 'wasm' });
 */
export const trainer = (options: TrainerOptions = {}): Engine => engine({ candidates: bestBackends(), metrics: { class: classificationMetrics() }, ...options });

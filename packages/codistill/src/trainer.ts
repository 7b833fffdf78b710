import type { Engine } from '@codistill/core';
import { type TrainerOptions, trainer as engine } from '@codistill/trainer';
import { bestBackends } from './best-backends.ts';

/**
 * The engine of `@codistill/trainer`, with all backends codistill has to choose from.
 *
 * @param options - as there; `candidates` default to {@link bestBackends}
 * @returns what `createPipeline` needs to build a run
 * @example
 * const graphRunner = trainer({ backend: 'wasm' });
 */
export const trainer = (options: TrainerOptions = {}): Engine => engine({ candidates: bestBackends(), ...options });

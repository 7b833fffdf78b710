import { type BackendOptions, type ChosenBackend, chooseBackend as choose } from '@codistill/backend';
import { bestBackends } from './best-backends.ts';

/**
 * Chooses the best backend that runs here, of {@link bestBackends}, and starts it; see `chooseBackend` of `@codistill/backend`.
 *
 * @param options - what is wanted; `candidates` default to all there are
 * @throws CodistillError `BACKEND_UNKNOWN`, `BACKEND_FAILED`, `BACKEND_THREADS`; what a backend that was asked for throws
 * @example
 * const { line } = await chooseBackend(); // 'backend: wasm (SIMD, 1 thread); there is no NVIDIA GPU; webgpu finds no graphics card; native is not installed: npx codistill-native install'
 */
export const chooseBackend = (options: BackendOptions = {}): Promise<ChosenBackend> => choose({ candidates: bestBackends(), ...options });

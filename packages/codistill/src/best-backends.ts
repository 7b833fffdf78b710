import { cpu, wasm } from '@codistill/backend';
import type { BackendCandidate } from '@codistill/core';
import { native, nativeGpu } from '@codistill/native';

/**
 * All backends codistill has, the better ones first: TensorFlow on a GPU, TensorFlow on the CPU, wasm, plain JavaScript. TensorFlow
 * has to be installed (`npx codistill-native install`); wasm needs npm packages only.
 *
 * @example
 * const names = bestBackends().map(({ name }) => name); // ['native-gpu', 'native', 'wasm', 'cpu']
 */
export const bestBackends = (): readonly BackendCandidate[] => [nativeGpu(), native(), wasm(), cpu()];

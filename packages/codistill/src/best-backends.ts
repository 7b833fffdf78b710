import { cpu, wasm } from '@codistill/backend';
import type { BackendCandidate } from '@codistill/core';
import { native, nativeGpu } from '@codistill/native';
import { webgpu } from '@codistill/webgpu';

/**
 * All backends codistill has, the better ones first: TensorFlow on a GPU, WebGPU on a graphics card, TensorFlow on the CPU, wasm,
 * plain JavaScript. TensorFlow has to be installed (`npx codistill-native install`), WebGPU is two npm packages more (`webgpu` and
 * `@tensorflow/tfjs-backend-webgpu`), wasm needs nothing.
 *
 * WebGPU in software comes behind plain JavaScript, which always starts: it is there for whoever asks for `'webgpu'` by name.
 *
 * @example
 * const names = bestBackends().map(({ name }) => name); // ['native-gpu', 'webgpu', 'native', 'wasm', 'cpu', 'webgpu']
 */
export const bestBackends = (): readonly BackendCandidate[] => [nativeGpu(), webgpu(), native(), wasm(), cpu(), webgpu({ software: true })];

const listed = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/**
 * Sentences about backends.
 *
 * @example
 * backend.unknown('webcpu', ['wasm', 'cpu']); // "there is no backend 'webcpu': there are 'wasm', 'cpu'"
 */
export const backend = {
  unknown: (name: string, existing: readonly string[]): string => `there is no backend '${name}': there are ${listed(existing)}`,
  failed: (name: string, reason: string): string => `backend '${name}' does not start here (${reason}): choose another with CODISTILL_BACKEND, or leave the choice to codistill`,
  threads: (value: unknown): string => `the number of threads must be a positive integer but is ${String(value)}`,
  paddingUnsound: (op: string, padding: string, filter: readonly number[], strides: readonly number[]): string =>
    `${op} with padding ${padding}, a ${filter.join('×')} filter and strides of ${strides.join('×')} gets a size in tfjs that does not fit its windows: use 'same', 'valid' or padding per side, and no rounding but 'floor'`,
  outOfMemory: (bytes: number): string =>
    `the wasm backend has no room for another ${(bytes / 2 ** 20).toFixed(1)} MB (its memory ends at 4 GB): train with smaller batches, smaller images or a smaller model`,
  webgpuNoCard: (): string => 'webgpu finds no graphics card',
  webgpuNoAdapter: (): string => 'webgpu finds no driver: it needs one for Vulkan, Metal or Direct3D 12 (on Linux libvulkan1 and a driver of Vulkan 1.1 or newer)',
  webgpuSoftware: (device: string): string => `webgpu finds no graphics card, only ${device}, which computes in software: ask for 'webgpu' by name to use it`,
  webgpuAbsent: (): string => 'webgpu is not installed: npm install webgpu@0.6.2 @tensorflow/tfjs-backend-webgpu@4.22.0',
  webgpuBroken: (reason: string): string => `webgpu does not load (${reason}): install webgpu@0.6.2 and @tensorflow/tfjs-backend-webgpu@4.22.0`,
  webgpuFailed: (reason: string): string =>
    `the graphics device failed, and what it computed is lost (${reason}): train with smaller batches or a smaller model, or choose another backend with CODISTILL_BACKEND`,
  webgpuSyncRead: (): string => "the webgpu backend cannot wait for values: read them with 'await tensor.data()', not with dataSync(), arraySync() or print()",
} as const;

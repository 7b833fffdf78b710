/**
 * Sentences about native TensorFlow: its installer, its sessions.
 *
 * @example
 * native.session('[3] no such device'); // "TensorFlow refuses: [3] no such device"
 */
export const native = {
  absent: (what: string): string => `${what} is not installed: npx codistill-native install`,
  broken: (reason: string): string => `native does not load (${reason}): npx codistill-native doctor`,
  noCard: (): string => 'there is no NVIDIA GPU',
  noGpuBuild: (): string => 'the GPU is not used: npx codistill-native install --gpu',
  noGpu: (): string => 'TensorFlow finds no GPU: npx codistill-native doctor --gpu',
  session: (reason: string): string => `TensorFlow refuses: ${reason}`,
  platform: (machine: string, existing: readonly string[]): string =>
    `there is no TensorFlow to install on ${machine} (there is for ${existing.join(', ')}): train on wasm, which needs no installation`,
  needs: (tool: string, repair: string): string => `installing native TensorFlow needs ${tool}: ${repair}`,
  space: (folder: string, megabytes: number, free: number): string =>
    `installing native TensorFlow needs ${megabytes} MB but ${folder} has ${free} MB free: make room, or name another folder with CODISTILL_CACHE`,
  locked: (file: string, pid: number, host: string): string =>
    `process ${pid} on ${host} installs as well and does not end: delete ${file} if it is not there any more, and try again`,
  failed: (step: string, reason: string): string => `${step} failed (${reason}): npx codistill-native doctor says what is missing`,
  command: (name: string, existing: readonly string[]): string => `there is no command '${name}': there are ${existing.join(', ')}`,
} as const;

import { CodistillError, type StepCompiler, say } from '@codistill/core';
import { nativeBackend } from './trace/native-backend.ts';
import { NativeProgram, type NativeProgramOptions } from './program/program.ts';

/**
 * Compiles steps on TensorFlow's backend, which must run when a program is opened.
 *
 * @param options - of every program it opens
 * @throws CodistillError `NATIVE_ABSENT`, where a program is opened without the backend
 * @example
 * const compiler = nativeCompiler();
 */
export const nativeCompiler = (options: Omit<NativeProgramOptions, 'devices' | 'deviceOf'> = {}): StepCompiler => ({
  open: (placed = {}) => {
    const backend = nativeBackend();
    if (backend === undefined) throw new CodistillError('NATIVE_ABSENT', say.native.absent('native TensorFlow'));
    return new NativeProgram(backend, { ...options, ...placed });
  },
});

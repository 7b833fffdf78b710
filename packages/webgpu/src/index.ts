export * from './webgpu.ts';
export { installWebgpuKernels } from './ops/webgpu-kernels.ts';

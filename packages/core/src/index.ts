export * from './host.ts';
export * from './detach.ts';
export * from './free-tape-on-throw.ts';
export * from './ops/batch-norm-training.ts';
export * from './ops/keyed-uniform.ts';
export * from './ops/log-softmax.ts';
export * from './ops/keyed-dropout.ts';
export * from './install-kernels.ts';

export * from './cross-entropy.ts';
export * from './kd.ts';
export * from './mutual-kl.ts';
export * from './logits-mse.ts';
export * from './feature-mse.ts';
export * from './hint.ts';
export * from './attention.ts';

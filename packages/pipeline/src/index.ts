export * from './create-pipeline.ts';
export * from './chain.types.ts';
export * from './pipeline-error.ts';
export * from './state.types.ts';

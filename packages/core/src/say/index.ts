export * from './compose.ts';
export * from './data.ts';
export * from './backend.ts';
export * from './models.ts';
export * from './parts.ts';
export * from './train.ts';

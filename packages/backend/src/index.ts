export * from './choose-backend.ts';

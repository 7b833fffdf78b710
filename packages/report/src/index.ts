export * from './progress.ts';
export type { DisplayStream } from './live-lines.ts';
export * from './score-table.ts';
export * from './arms-table.ts';

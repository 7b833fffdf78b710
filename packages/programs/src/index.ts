export * from './in-turn.ts';
export * from './two-phase.ts';
export * from './course-exam.ts';

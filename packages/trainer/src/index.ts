export * from './trainer.ts';
export * from './early-stopping.ts';
export { type Outcome, fit } from './fit.ts';
export { type Execution, type ExecutionOptions, execute } from './execution.ts';
export { type LiveGraph, type LiveNode, buildGraph } from './live-graph.ts';
export { type ActiveEdge, type Step, createStep } from './step.ts';
export { type ScalarInputs, scalarInputs, toScalars } from './scalar-inputs.ts';
export { type ViewFeeds, toTensors, viewFeeds } from './view-feeds.ts';
export { type Checkpoint, type Position, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';

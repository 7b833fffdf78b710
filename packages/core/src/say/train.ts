/**
 * Sentences about training. Each is thrown under the code that stands beside it in the documentation of the thrower.
 *
 * @example
 * train.notFinite('teacher -kd-> small', 'NaN', 120, 'the last checkpoint is runs/a/step-100.safetensors');
 */
export const train = {
  problems: (sentences: readonly string[]): string => `the pipeline has ${sentences.length} problems:\n  ${sentences.join('\n  ')}`,
  notFinite: (edge: string, value: string, step: number, kept: string): string =>
    `the loss on ${edge} became ${value} at step ${step}: lower the learning rate or clip the gradients; ${kept}`,
  termThrew: (edge: string, step: number, message: string, kept: string): string =>
    `the loss on ${edge} threw at step ${step} ("${message}"): mend the term; ${kept}`,
  partThrew: (what: string, message: string): string => `${what} threw ("${message}"): mend it`,
  partThrewAt: (what: string, step: number, message: string, kept: string): string => `${what} threw at step ${step} ("${message}"): mend it; ${kept}`,
  scalarNotFinite: (what: string, value: string, step: number, kept: string): string => `${what} is ${value} at step ${step}: mend its schedule; ${kept}`,
  kept: (path: string | undefined): string =>
    path === undefined ? 'no checkpoint had been written (set fit({ checkpoints }))' : `the last checkpoint is ${path}`,
  termShape: (edge: string, shape: readonly number[], batch: number): string =>
    `the loss on ${edge} has shape [${shape.join(', ')}]: return one value per example, [${batch}], or a scalar`,
  termNotFinite: (edge: string, value: string): string => `the loss on ${edge} is ${value} on the first batch: look at its formula and at the data`,
  termFailed: (edge: string, message: string): string => `the loss on ${edge} cannot be computed: ${message}`,
  noGradient: (edge: string, node: string): string =>
    `the loss on ${edge} sends no gradient to '${node}': compute it from the first argument, with differentiable operations`,
  termUntrained: (edge: string, node: string, why: 'derived' | 'frozen'): string =>
    `the loss on ${edge} has weights of its own, which learn with '${node}', but that is ${why} and learns nothing: let the edge end at a node that learns`,
  modelFailed: (node: string, message: string): string => `node '${node}' cannot be built: ${message}`,
  signalMissing: (node: string, signal: string, emitted: readonly string[]): string =>
    `node '${node}' declares '${signal}' but its network emits only ${emitted.join(', ')}`,
  batchAxis: (node: string, signal: string, shape: readonly number[], batch: number): string =>
    `'${signal}' of node '${node}' has shape [${shape.join(', ')}]: its first axis must be the batch, ${batch}`,
  signalNotFinite: (node: string, signal: string): string => `'${signal}' of node '${node}' is not finite on the first batch: look at its initial weights and at the data`,
  logitsWidth: (node: string, has: number, want: number): string => `node '${node}' has ${has} logits but the data has ${want} classes`,
  inputNotFinite: (split: string): string => `the first batch of the ${split} split holds NaN or infinity: clean the data, or name the bad file's row to the loader`,
  epochs: (value: unknown): string => `fit({ epochs }) must be a positive integer but is ${String(value)}`,
  epochsAndStages: (total: number): string => `the pipeline's stages last ${total} epochs: leave out fit({ epochs })`,
  epochsMissing: (): string => 'fit needs epochs: say fit({ epochs: 10 }), or give the pipeline .stages([...])',
  seed: (value: unknown): string => `fit({ seed }) must be a non-negative safe integer but is ${String(value)}`,
  directoryTaken: (directory: string, newest: string): string =>
    `${directory} already holds checkpoints (${newest}): say checkpoints: { resume: true } to go on from them, or choose another directory`,
  directoryUnwritable: (directory: string, reason: string): string => `checkpoints cannot be written to ${directory} (${reason}): choose a directory you may write to`,
  checkpointNotWritten: (path: string, reason: string): string =>
    `the checkpoint ${path} could not be written (${reason}): free some space; training goes on and tries again at the next one`,
  lastCheckpointNotWritten: (path: string, reason: string): string =>
    `training ended but its last checkpoint ${path} could not be written (${reason}): the run still holds the weights, export them elsewhere`,
  checkpointDamaged: (path: string, reason: string): string => `the checkpoint ${path} is damaged (${reason}): it is left alone and the one before it is used`,
  checkpointForeign: (path: string, what: string, has: string, want: string): string =>
    `the checkpoint ${path} was written by a run with another ${what} (${has}, not ${want}): use the same ${what}, or another directory`,
  noneValid: (directory: string, count: number): string => `none of the ${count} checkpoints in ${directory} can be read: delete them to begin again`,
  untrained: (verb: string): string => `there is nothing to ${verb} yet: call run.fit(...) first`,
  noSplit: (split: string, existing: readonly string[]): string => `the data has no ${split} split: it has ${existing.join(', ')}`,
  noNode: (name: string, existing: readonly string[]): string => `there is no node '${name}': there are ${existing.map((node) => `'${node}'`).join(', ')}`,
  metricKind: (metric: string, understands: string, has: string): string => `metric '${metric}' understands ${understands} but the data has ${has}`,
  metricSignal: (metric: string, signal: string, node: string): string => `metric '${metric}' reads '${signal}' but node '${node}' does not emit it`,
  monitorMissing: (metric: string, node: string, existing: readonly string[]): string =>
    `early stopping watches '${metric}' of '${node}' but what is measured there is ${existing.length === 0 ? 'nothing' : existing.join(', ')}`,
  exportUnwritable: (directory: string, reason: string): string => `the models cannot be written to ${directory} (${reason}): choose a directory you may write to`,
} as const;

const at = (line: string | undefined): string => (line === undefined ? '' : ` (${line})`);
const inside = (part: string | undefined): string => (part === undefined ? '' : ` in ${part}`);

/** `Mul` of TensorFlow, as the step's author knows it, and where it stands. */
const place = ({ op, part, line }: Place): string => `${op}${inside(part)}${at(line)}`;

/**
 * Where in a step something happened.
 *
 * @example
 * const place: Place = { op: 'tf.mul', part: "the network of 'small'", line: 'step.ts:12:5' };
 */
export interface Place {
  /** The operation. */
  readonly op: string;
  /** The part of the pipeline it belongs to, where that is known. */
  readonly part: string | undefined;
  /** File, line and column of whoever called it, where that is known. */
  readonly line: string | undefined;
}

/**
 * Sentences about compiled steps.
 *
 * @example
 * compile.closed(); // 'the compiled program is closed: open another'
 */
export const compile = {
  valueRead: (where: Place): string =>
    `${place(where)} looks at a value while the step is recorded: a compiled step may not read tensors (data, dataSync, array), so choose with tf.where or read what the step returns`,
  captured: (where: Place): string =>
    `${place(where)} uses a tensor that was made outside of the step: pass it as an input, make it a tf.variable, or make it inside`,
  variableMade: (names: readonly string[], where: Place): string =>
    `${place(where)} makes ${names.length === 1 ? 'the variable' : 'the variables'} ${names.map((name) => `'${name}'`).join(', ')} inside the step: make variables and optimizer slots before it`,
  variableGone: (name: string): string => `the step disposes the variable '${name}': a compiled step may only assign to variables`,
  hugeConstant: (where: Place, bytes: number, limit: number): string =>
    `${place(where)} would bake ${(bytes / 2 ** 20).toFixed(1)} MB of the host into the step (at most ${(limit / 2 ** 20).toFixed(1)} MB): pass the values as an input or a tf.variable`,
  constantType: (where: Place, dtype: string): string => `${place(where)} has a constant of type ${dtype}: a compiled step takes float32, int32 and bool`,
  notAStepOperation: (where: Place, what: string): string => `${place(where)} calls ${what}: a compiled step computes tensors and assigns variables, and nothing else`,
  frozenConstant: (where: Place, first: string, second: string): string =>
    `${place(where)} uses a number of the host that was ${first} when the step was first recorded and ${second} the second time: it would be frozen, so pass it as a scalar or an input (and draw random numbers from a key that is an input)`,
  frozenStructure: (where: Place, other: string): string =>
    `${place(where)} was ${other} when the step was recorded a second time: what a step computes must depend on nothing but the shapes of its inputs`,
  notImportable: (reason: string): string => `TensorFlow does not take the recorded step as a graph: ${reason}`,
  asynchronous: (): string => 'the step returns a promise: return tensors, and await nothing inside',
  notATensor: (name: string): string => `the step returns '${name}', which is not a tensor: return tensors by name`,
  unknownInput: (name: string, existing: readonly string[]): string =>
    `the step was compiled for the inputs ${existing.map((each) => `'${each}'`).join(', ')} and '${name}' is not there`,
  feedSize: (name: string, has: number, shape: readonly number[]): string => `input '${name}' has ${has} values but its shape is [${shape.join(', ')}]`,
  closed: (): string => 'the compiled program is closed: open another',
  deviceUnknown: (device: string, existing: readonly string[]): string => `there is no device '${device}': there are ${existing.join(', ')}`,
  deviceForm: (device: string): string => `a device is named like '/CPU:0' or '/GPU:1', not '${device}'`,
  fallsBack: (reason: string): string => `the step is not compiled and runs operation by operation: ${reason}`,
  devicesEager: (devices: readonly string[]): string =>
    `the devices ${devices.join(', ')} are not used: only a compiled step is placed on devices`,
} as const;

import { CodistillError, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type NativeBackend, engineState } from './native-backend.ts';

/** A variable while a step is recorded. */
interface BorrowedVariable {
  readonly variable: tf.Variable;
  /** TensorFlow's handle of its value before the step. */
  readonly handle: number;
}

/**
 * Every variable there is, lent to a step that really runs while it is recorded.
 *
 * @example
 * const count = (borrowed: BorrowedVariables): number => borrowed.all.length;
 */
export interface BorrowedVariables {
  readonly all: readonly BorrowedVariable[];
  /** Names of variables that appeared since. */
  appeared(): readonly string[];
  /** Names of variables that were disposed since. */
  gone(): readonly string[];
  /** Gives every variable back its value. */
  restore(): void;
}

const TYPES = new Set(['float32', 'int32', 'bool']);

/**
 * Remembers the values of all variables, and sees to it that no two share a handle: `tf.variable(v)` shares v's until either is
 * assigned to, and would be taken for v.
 *
 * @param backend - before its binding is replaced
 * @param copy - makes a tensor with a handle of its own
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const backend: NativeBackend;
 * const borrowed = borrowVariables(backend, (tensor) => tf.add(tensor, 0));
 */
export const borrowVariables = (backend: NativeBackend, copy: (tensor: tf.Tensor) => tf.Tensor): BorrowedVariables => {
  const registered = (): readonly tf.Variable[] => Object.values(engineState().registeredVariables);
  const handleOf = (tensor: tf.Tensor): number => backend.getInputTensorIds([tensor])[0] ?? -1;
  const taken = new Set<number>();
  const all = registered()
    .filter(({ dtype }) => TYPES.has(dtype))
    .map((variable) => {
      const before = tf.tidy(() => tf.keep(variable.clone()));
      if (taken.has(handleOf(variable))) {
        const own = copy(variable);
        variable.assign(own);
        own.dispose();
      }
      const handle = handleOf(variable);
      taken.add(handle);
      return { variable, handle, before };
    });
  const known = new Set(registered());
  return {
    all,
    appeared: () => registered().flatMap((variable) => (known.has(variable) ? [] : [variable.name])),
    gone: () => all.flatMap(({ variable }) => (variable.isDisposed ? [variable.name] : [])),
    restore: () => {
      for (const variable of registered()) if (!known.has(variable)) variable.dispose();
      for (const { variable, before } of all) {
        if (!variable.isDisposed) variable.assign(before);
        before.dispose();
      }
    },
  };
};

/**
 * Refuses a step that made or disposed variables.
 *
 * @param place - where the step is, for the sentence
 * @throws CodistillError `NOT_RECORDABLE`
 * @example
 * declare const borrowed: BorrowedVariables;
 * declare const place: Parameters<typeof refuseOtherVariables>[1];
 * refuseOtherVariables(borrowed, place);
 */
export const refuseOtherVariables = (borrowed: BorrowedVariables, place: () => Parameters<typeof say.compile.captured>[0]): void => {
  const [gone] = borrowed.gone();
  if (gone !== undefined) throw new CodistillError('NOT_RECORDABLE', say.compile.variableGone(gone));
  const appeared = borrowed.appeared();
  if (appeared.length > 0) throw new CodistillError('NOT_RECORDABLE', say.compile.variableMade(appeared, place()));
};

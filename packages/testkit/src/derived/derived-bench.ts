import { type Derived, type DerivedContext, fold, key, type LabelKind, type Labels, logSoftmax, type Named, normal, type Readings, readsOf, scheduledAt, type Signal, sizeOf } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * What a derived node is tried on.
 *
 * @example
 * const options: DerivedBenchOptions = { shapes: { 'tap:pooled': [6] }, classes: 4 };
 */
export interface DerivedBenchOptions {
  /** Shape of one example of a signal, the same in all members; default `[classes]` for logits, `[6]` for taps. */
  readonly shapes?: Readonly<Partial<Record<Signal, readonly number[]>>>;
  /** Default 3. */
  readonly classes?: number;
  /** Default 5. */
  readonly batch?: number;
  /** Default 1. */
  readonly seed?: number;
}

/**
 * A derived node with members' readings, labels and what it owns.
 *
 * @example
 * const names = (bench: DerivedBench): readonly string[] => Object.keys(bench.variables);
 */
export interface DerivedBench {
  readonly derived: Derived;
  /** By the members' names, then signals. */
  readonly members: Named<Named<tf.Tensor>>;
  readonly variables: Named<tf.Variable>;
  /** Names of those that are parameters. */
  readonly parameters: readonly string[];
  readonly labels: tf.Tensor2D;
  /** One call. Tensors belong to the scope it is made in. */
  read(members?: Named<Named<tf.Tensor>>, change?: Partial<Pick<DerivedContext, 'training' | 'key'>>): Readings;
  dispose(): void;
}

/**
 * Sets a derived node up that reads its members and owns weights, but asks for no network.
 *
 * @returns tensors that `dispose` frees
 * @throws Error, from `read`, for a scalar or a variable that was not declared, and for a network
 * @example
 * declare const derived: Derived;
 * const bench = derivedBench(derived, { classes: 10 });
 * bench.dispose();
 */
export const derivedBench = (derived: Derived, { shapes = {}, classes = 3, batch = 5, seed = 1 }: DerivedBenchOptions = {}): DerivedBench => {
  const shapeOf = (signal: Signal): readonly number[] => shapes[signal] ?? (signal === 'logits' ? [classes] : [6]);
  const root = fold(key(seed), 'derived');
  const drawn = (member: string, signal: Signal): tf.Tensor => {
    const shape = [batch, ...shapeOf(signal)];
    return tf.tensor(normal(fold(root, member, signal), sizeOf(shape)), shape);
  };
  const members = Object.fromEntries(derived.of.map((member) => [member, Object.fromEntries(readsOf(derived, member).map((signal) => [signal, drawn(member, signal)]))]));
  const ofOne = derived.of.map((member) => Object.fromEntries(readsOf(derived, member).map((signal) => [signal, [1, ...shapeOf(signal)]])));
  const { parameters = {}, buffers = {} } = derived.state?.(ofOne, fold(root, 'state'), classes) ?? {};
  const variables = Object.fromEntries(
    Object.entries({ ...parameters, ...buffers }).map(([name, { values, shape }]) => [name, tf.tidy(() => tf.variable(tf.tensor(values, [...shape], 'float32'), name in parameters))]),
  );
  const labels = tf.tidy(() => tf.oneHot(tf.range(0, batch, 1, 'int32').mod(tf.scalar(classes, 'int32')), classes).cast<tf.Tensor2D>('float32'));
  const zeros = tf.zeros<tf.Rank.R1>([2], 'int32');
  const without = (what: string) => (): never => {
    throw new Error(`node '${derived.name}' asks for ${what}, which it has none of here.`);
  };
  return {
    derived,
    members,
    variables,
    parameters: Object.keys(parameters),
    labels,
    read: (given = members, { training = true, key: drawnWith = zeros } = {}) => {
      const context: DerivedContext = {
        training,
        key: drawnWith,
        labels: { class: labels } as unknown as Labels<LabelKind, tf.Tensor>,
        logSoftmax: (logits, temperature) => logSoftmax(temperature === undefined ? logits : logits.div(temperature)),
        scalar: (name) => {
          const value = derived.scalars[name];
          if (value === undefined) throw new Error(`node '${derived.name}' asks for scalar '${name}', which it does not declare.`);
          return tf.scalar(scheduledAt(value, { step: 0, steps: 100, epoch: 0, epochs: 10 }));
        },
        variable: (name) => {
          const found = variables[name];
          if (found === undefined) throw new Error(`node '${derived.name}' asks for variable '${name}', which its state does not have.`);
          return found;
        },
        network: without('a network'),
        input: without('an input'),
        mode: without('a mode'),
      };
      return derived.read(derived.of.map((member) => (given[member] ?? {}) as unknown as Readings), context) as Readings;
    },
    dispose: () => {
      tf.dispose([members, labels, zeros]);
      for (const variable of Object.values(variables)) variable.dispose();
    },
  };
};

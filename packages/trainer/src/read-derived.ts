import type { DerivedContext, Readings } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import type { LiveGraph } from './live-graph.ts';
import { must } from './must.ts';
import { naming } from './part-failure.ts';

/**
 * What all derived nodes of a pass share.
 *
 * @example
 * const isTraining = (pass: Pass): boolean => pass.training;
 */
export interface Pass extends Pick<DerivedContext, 'training' | 'logSoftmax' | 'input' | 'mode'> {
  /** The labels as a node sees them. */
  labelsOf(node: string): DerivedContext['labels'];
  /** The node's fresh key. */
  keyOf(node: string): tf.Tensor1D | undefined;
  /** The present value of a number that a part declared. */
  scalarOf(scalars: Readonly<Record<string, unknown>>, name: string, part: string): tf.Scalar;
}

/**
 * Reads derived nodes, their members before them.
 *
 * @param names - the nodes that are wanted; those that have readings already are left as they are
 * @param readings - of the members; theirs are added
 * @example
 * declare const live: LiveGraph;
 * declare const pass: Pass;
 * addDerived(live, ['mix'], new Map(), pass);
 */
export const addDerived = (live: Pick<LiveGraph, 'graph' | 'nodes' | 'derived'>, names: Iterable<string>, readings: Map<string, Readings>, pass: Pass): void => {
  const add = (name: string): void => {
    const derived = live.graph.derived[name];
    if (derived === undefined || readings.has(name)) return;
    derived.of.forEach(add);
    const members = derived.of.map((member) => must(readings.get(member), `readings of '${member}'`));
    const context: DerivedContext = {
      training: pass.training,
      logSoftmax: pass.logSoftmax,
      input: pass.input,
      mode: pass.mode,
      get key() {
        return pass.keyOf(name) ?? tf.zeros([2], 'int32');
      },
      get labels() {
        return pass.labelsOf(name);
      },
      scalar: (scalar) => pass.scalarOf(derived.scalars, scalar, derived.name),
      variable: (variable) => must(live.derived[name]?.variables[variable], `variable '${variable}' declared by '${derived.name}'`),
      network: (member) => must(live.nodes[member], `network of '${member}'`).network,
    };
    readings.set(name, naming(`node '${name}'`, () => derived.read(members, context) as Readings));
  };
  for (const name of names) add(name);
};

import { type Key, type Named, type Stage, fold } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import type { LiveGraph } from './live-graph.ts';
import { must } from './must.ts';

const assignAll = (to: Named<tf.Variable>, from: Named<tf.Variable>): void => {
  for (const [name, variable] of Object.entries(to)) variable.assign(must(from[name], `variable '${name}'`).clone());
};

/**
 * Whether anything happens to weights before a stage's first step.
 *
 * @example
 * declare const live: LiveGraph;
 * const changes = movesWeights(live, { name: 'again', epochs: 1, reinit: ['student'] });
 */
export const movesWeights = ({ graph }: Pick<LiveGraph, 'graph'>, stage: Stage): boolean =>
  Object.keys(stage.promote ?? {}).length + (stage.reinit ?? []).length > 0 ||
  Object.values(graph.copies).some(({ follows }) => 'once' in follows && follows.once === 'stage' && follows.stage === stage.name);

/**
 * What happens before the first step of a stage: copies of that stage are taken, then nodes are promoted, then nodes begin anew. The
 * slots of whatever got other weights begin anew, too.
 *
 * @param live - whose variables are up to date, and are assigned
 * @param stage - which begins
 * @param root - of all randomness
 * @example
 * declare const live: LiveGraph;
 * startStage(live, { name: 'again', epochs: 1, promote: { student: 'teacher' }, reinit: ['student'] }, [0, 7]);
 */
export const startStage = (live: LiveGraph, stage: Stage, root: Key): void => {
  const { graph, nodes } = live;
  const networkOf = (name: string): LiveGraph['nodes'][string]['network'] => must(nodes[name], `network of '${name}'`).network;
  const take = (to: string, from: string): void => {
    assignAll(networkOf(to).parameters, networkOf(from).parameters);
    assignAll(networkOf(to).buffers, networkOf(from).buffers);
  };
  const forget = (name: string): void => {
    const learner = live.learners[name];
    const fresh = learner === undefined ? {} : (graph.optimizers[name]?.init(Object.fromEntries(Object.entries(learner.trained).map(([parameter, { shape }]) => [parameter, shape]))) ?? {});
    for (const [slot, { values, shape }] of Object.entries(fresh)) must(learner?.slots[slot], `slot '${slot}'`).assign(tf.tensor(values, [...shape], 'float32'));
  };
  tf.tidy(() => {
    for (const [name, { of, follows }] of Object.entries(graph.copies)) {
      if ('once' in follows && follows.once === 'stage' && follows.stage === stage.name) take(name, of[0]);
    }
    for (const [from, to] of Object.entries(stage.promote ?? {})) {
      if (to === undefined) continue;
      take(to, from);
      forget(to);
    }
    for (const name of stage.reinit ?? []) {
      const fresh = must(graph.models[name], `model of '${name}'`).build({ input: graph.data.input, classes: graph.spec.task.classes }, fold(root, 'init', name, stage.name));
      assignAll(networkOf(name).parameters, fresh.parameters);
      assignAll(networkOf(name).buffers, fresh.buffers);
      fresh.dispose();
      forget(name);
    }
  });
};

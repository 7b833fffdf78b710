import { type BatchContext, CodistillError, type EdgeSpec, type Graph, type Named, type Signal, fold, joint, key, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { applyAffine } from './affine.ts';
import { EdgeFailure, edgeName } from './edge-failure.ts';
import { type LiveGraph, type LiveNode, buildGraph } from './live-graph.ts';
import { type ScalarInputs, scalarInputs, toScalars } from './scalar-inputs.ts';
import { createStep } from './step.ts';
import { toTensors, viewFeeds } from './view-feeds.ts';

/** Examples of the dummy batch: enough for batch statistics and for terms that compare examples. */
const EXAMPLES = 2;

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A graph's node as its own little graph, so that one that cannot be built does not hide the others. */
const buildProblems = (graph: Graph): readonly string[] =>
  Object.entries(graph.models).flatMap(([name, model]) => {
    try {
      model.build({ input: graph.data.input, classes: graph.spec.task.classes }, fold(key(0), 'check', name)).dispose();
      return [];
    } catch (error) {
      return [error instanceof CodistillError ? error.message : say.train.modelFailed(name, message(error))];
    }
  });

/** Values are awaited: on a graphics card there is no other way to read, nor is what shaders say of infinity to be relied on. */
const isFinite = async (tensor: tf.Tensor): Promise<boolean> => (await tensor.data()).every(Number.isFinite);

const nodeProblems = async (live: LiveGraph, { name, network, affine }: LiveNode, input: tf.Tensor): Promise<readonly string[]> => {
  const { models, spec } = live.graph;
  const declared: readonly Signal[] = models[name]?.emits ?? [];
  let readings: Named<tf.Tensor | undefined>;
  try {
    readings = tf.tidy(() => network.read(applyAffine(input, affine), declared, { training: false }) as Named<tf.Tensor>);
  } catch (error) {
    return [say.train.modelFailed(name, message(error))];
  }
  const problems = declared.map(async (signal): Promise<readonly string[]> => {
    const tensor = readings[signal];
    if (tensor === undefined) return [say.train.signalMissing(name, signal, Object.keys(readings))];
    const width = tensor.shape.at(-1) ?? 0;
    if (tensor.shape[0] !== EXAMPLES) return [say.train.batchAxis(name, signal, tensor.shape, EXAMPLES)];
    if (signal === 'logits' && width !== spec.task.classes) return [say.train.logitsWidth(name, width, spec.task.classes)];
    return (await isFinite(tensor)) ? [] : [say.train.signalNotFinite(name, signal)];
  });
  try {
    return (await Promise.all(problems)).flat();
  } finally {
    tf.dispose(readings);
  }
};

const onlyMain = ({ phase: _, ...edge }: EdgeSpec): EdgeSpec => edge;

/** Each edge alone: its value, its shape, and whether its gradient arrives. */
const edgeProblems = async (live: LiveGraph, batch: Named<tf.Tensor>, scalars: Named<tf.Scalar>, inputs: ScalarInputs): Promise<readonly string[]> => {
  const feeds = viewFeeds(live.graph);
  const all = live.graph.spec.edges.map(async (spec, index): Promise<readonly string[]> => {
    const edge = live.graph.edges[index];
    if (edge === undefined) return [];
    const problems: string[] = [];
    const alone: LiveGraph = {
      ...live,
      graph: {
        ...live.graph,
        program: joint(),
        spec: { ...live.graph.spec, edges: [onlyMain({ ...spec, when: [] })] },
        edges: [
          {
            weight: 1,
            term: {
              ...edge.term,
              compute: (to, from, context) => {
                const value = edge.term.compute(to, from, context);
                // A node that sees several views has several rows for each example.
                const rows = (context as BatchContext).ids.shape[0];
                const shaped = value.rank === 0 || (value.rank === 1 && value.shape[0] === rows);
                if (!shaped) problems.push(say.train.termShape(edgeName(spec), value.shape, rows));
                return value;
              },
            },
          },
        ],
        // What reaches the target is recorded in place of an update.
        optimizers: Object.fromEntries(
          Object.entries(live.graph.optimizers).map(([name, optimizer]) => [
            name,
            {
              ...optimizer,
              update: ({ gradients }) => {
                const arrived = Object.keys(gradients).length > 0;
                if (name === spec.to && spec.gradient !== 'from' && !arrived) problems.push(say.train.noGradient(edgeName(spec), name));
                return { parameters: {}, slots: {} };
              },
            },
          ]),
        ),
      },
    };
    try {
      const means = createStep(alone, feeds, inputs, undefined)(batch, scalars);
      for (const mean of Object.values(means)) {
        const [value = NaN] = await mean.data();
        if (!Number.isFinite(value)) problems.push(say.train.termNotFinite(edgeName(spec), String(value)));
        mean.dispose();
      }
    } catch (error) {
      const unconnected = message(error).includes('Cannot find a connection');
      if (unconnected) problems.push(say.train.noGradient(edgeName(spec), spec.to));
      else if (error instanceof EdgeFailure) problems.push(error.cause instanceof CodistillError ? error.reason : say.train.termFailed(error.edge, error.reason));
      else problems.push(say.train.termFailed(edgeName(spec), message(error)));
    }
    return problems;
  });
  return (await Promise.all(all)).flat();
};

/**
 * Runs a graph on two examples of its first batch, and reports everything that is wrong with it at once: networks that cannot
 * be built or do not emit what they declare, values that are not finite, terms of a wrong shape, terms whose gradient does not
 * arrive. Nothing is left to fail in the third epoch. Networks are built for the check and freed.
 *
 * @throws CodistillError `COMPOSITION`, with one sentence per problem
 * @example
 * declare const graph: Graph;
 * await checkGraph(graph);
 */
export const checkGraph = async (graph: Graph): Promise<void> => {
  const refuse = (problems: readonly string[]): void => {
    const [first] = problems;
    if (first === undefined) return;
    throw new CodistillError('COMPOSITION', problems.length === 1 ? first : say.train.problems(problems));
  };
  refuse(buildProblems(graph));
  const feeds = viewFeeds(graph);
  const batches = await graph.data.train.at(0, fold(key(0), 'data'), feeds.views);
  if (batches.some((batch) => !batch.input.values.every(Number.isFinite))) refuse([say.train.inputNotFinite('train')]);

  let live: LiveGraph;
  try {
    live = buildGraph(graph, key(0));
  } catch (error) {
    refuse([message(error)]);
    throw error;
  }
  const whole = toTensors(batches);
  const keys = Object.fromEntries([...Object.keys(live.nodes), ...Object.keys(live.derived)].map((name) => [`key/${name}`, tf.tensor1d([0, 0], 'int32')]));
  const inputs = scalarInputs(graph);
  const scalars = toScalars(inputs.at({ step: 0, steps: 1, epoch: 0, epochs: 1 }));
  const pair = tf.tidy(() =>
    Object.fromEntries(Object.entries(whole).map(([name, tensor]) => [name, tensor.shape[0] === 1 ? tf.concat([tensor, tensor]) : tensor.slice(0, EXAMPLES)])),
  );
  try {
    const problems = Object.values(live.nodes).map((node) => {
      const input = pair[`input/${feeds.seenBy[node.name]?.[0]?.feed ?? 0}`];
      return input === undefined ? Promise.resolve([]) : nodeProblems(live, node, input);
    });
    refuse((await Promise.all(problems)).flat());
    refuse(await edgeProblems(live, { ...pair, ...keys }, scalars, inputs));
  } finally {
    tf.dispose([whole, keys, scalars, pair]);
    live.dispose();
  }
};

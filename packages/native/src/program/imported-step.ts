import { CodistillError, type Feed, type Named, say } from '@codistill/core';
import { encodeGraph } from '../graph/graph-def.ts';
import { DTYPE, type Fetched, type NativeTensor, type Session } from '../session/session.ts';
import { STEP } from '../trace/variable-nodes.ts';
import type { Trace, TraceInput, TraceOutput } from '../trace/trace.ts';

/**
 * A recorded step in a session's graph.
 *
 * @example
 * const moves = (step: ImportedStep): boolean => step.writes;
 */
export interface ImportedStep {
  /** Whether it changes variables: then it runs alone. */
  readonly writes: boolean;
  /** @param runOptions - serialised; what they ask for is `metadata` of the result */
  run(inputs: Named<Feed>, scalars: Named<number>, quiet: boolean, runOptions?: Uint8Array): Promise<{ readonly outputs: Named<Feed>; readonly metadata: Uint8Array | undefined }>;
}

const feedOf = ({ name, kind, dtype, shape }: TraceInput, inputs: Named<Feed>, scalars: Named<number>): NativeTensor => {
  const data = kind === 'scalar' ? Float32Array.of(scalars[name] ?? NaN) : inputs[name]?.values;
  if (data === undefined) throw new CodistillError('FEED', say.compile.unknownInput(name, Object.keys(inputs)));
  return { dtype: DTYPE[dtype], shape, data };
};

const outputsOf = (outputs: readonly TraceOutput[], fetched: Fetched): Named<Feed> =>
  Object.fromEntries(
    outputs.flatMap(({ name, dtype }, index): [string, Feed][] => {
      const tensor = fetched[index];
      return tensor === undefined ? [] : [[name, { dtype, shape: tensor.shape, values: tensor.data as Feed['values'] }]];
    }),
  );

/**
 * Adds a recorded step to a session's graph.
 *
 * @param prefix - new in the graph
 * @throws CodistillError `NOT_RECORDABLE` where an operation runs by itself but not in a graph
 * @example
 * declare const session: Session;
 * declare const trace: Trace;
 * const step = importStep(session, trace, 'step0');
 */
export const importStep = (session: Session, trace: Trace, prefix: string): ImportedStep => {
  try {
    session.importGraph(encodeGraph(trace.nodes), prefix);
  } catch (error) {
    throw new CodistillError('NOT_RECORDABLE', say.compile.notImportable(error instanceof Error ? error.message : String(error)), { cause: error });
  }
  const { inputs, outputs, states } = trace;
  const feeds = inputs.map(({ node }) => `${prefix}/${node}:0`);
  const fetches = outputs.map(({ ref }) => `${prefix}/${ref.includes(':') ? ref : `${ref}:0`}`);
  const loud = session.plan(feeds, fetches, [`${prefix}/${STEP}`]);
  let quietly: number | undefined;
  return {
    writes: states.some(({ written }) => written),
    run: async (values, scalars, quiet, runOptions) => {
      const plan = quiet ? (quietly ??= session.plan(feeds, [], [`${prefix}/${STEP}`])) : loud;
      const fetched = await session.runAsync(plan, inputs.map((input) => feedOf(input, values, scalars)), runOptions);
      return { outputs: quiet ? {} : outputsOf(outputs, fetched), metadata: fetched.metadata };
    },
  };
};

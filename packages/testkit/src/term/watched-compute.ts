import { type HostArray, type Named, type Readings, type Term, type TermContext } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { namesOf } from './names-of.ts';
import { termContext } from './term-context.ts';
import type { TermInputs } from './term-inputs.ts';

/**
 * The inputs of a term on the active backend.
 *
 * @example
 * const none: Uploaded = { to: {}, from: {}, variables: {} };
 */
export interface Uploaded {
  readonly to: Named<tf.Tensor>;
  readonly from: Named<tf.Tensor>;
  readonly variables: Named<tf.Variable>;
}

/**
 * What a term asked for while it computed.
 *
 * @example
 * const nothing: Reads = { signals: new Set(), labels: new Set(), scalars: new Set(), variables: new Set() };
 */
export interface Reads {
  readonly signals: Set<string>;
  readonly labels: Set<string>;
  readonly scalars: Set<string>;
  readonly variables: Set<string>;
}

const mapValues = <A, B>(record: Named<A>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

/**
 * Lends a body the inputs of a term as tensors, and disposes all but what it returns.
 *
 * @param inputs - on the host
 * @param body - synchronous; what it returns belongs to the caller
 * @example
 * declare const inputs: TermInputs;
 * const logits = onBackend(inputs, ({ to }) => to['logits']);
 */
export const onBackend = <R extends tf.TensorContainer>(inputs: TermInputs, body: (uploaded: Uploaded) => R): R => {
  const upload = ({ shape, values }: HostArray): tf.Tensor => tf.tensor(values, [...shape], 'float32');
  const variable = (trainable: boolean) => (array: HostArray) => tf.tidy(() => tf.variable(upload(array), trainable));
  const { parameters, buffers } = inputs.state;
  // Variables outlive every scope of tfjs, hence the `finally`.
  const variables = { ...mapValues(parameters, variable(true)), ...mapValues(buffers, variable(false)) };
  try {
    return tf.tidy(() => body({ to: mapValues(inputs.to, upload), from: mapValues(inputs.from, upload), variables }));
  } finally {
    tf.dispose(variables);
  }
};

/**
 * Runs a body on behalf of a term, so that whatever it throws names the term.
 *
 * @example
 * declare const term: Term;
 * named(term, () => { throw new Error('shapes differ'); }); // throws "term 'hint' threw: shapes differ"
 */
export const named = <R>(term: Term, body: () => R): R => {
  try {
    return body();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.startsWith(`term '${term.name}'`)) throw error;
    throw new Error(`term '${term.name}' threw: ${message}`, { cause: error });
  }
};

/** Tensors by name that note what is read, and speak up when something undeclared is. */
const watched = (tensors: Named<tf.Tensor>, noted: Set<string>, undeclared: (name: string) => string): Readings =>
  new Proxy(tensors, {
    get: (inner, name) => {
      if (typeof name === 'symbol') return undefined;
      if (!Object.hasOwn(inner, name)) throw new Error(undeclared(name));
      noted.add(name);
      return inner[name];
    },
  }) as unknown as Readings;

/**
 * `compute`, with everything the term reads watched.
 *
 * @param term - any term
 * @param uploaded - its inputs
 * @returns its value, and what it read; all tensors belong to the calling scope
 * @throws Error a sentence, where the term reads what it does not declare, or returns no tensor
 * @example
 * declare const term: Term;
 * declare const inputs: TermInputs;
 * const value = onBackend(inputs, (uploaded) => watchedCompute(term, uploaded).value);
 */
export const watchedCompute = (term: Term, { to, from, variables }: Uploaded): { readonly value: tf.Tensor; readonly reads: Reads } => {
  const reads: Reads = { signals: new Set(), labels: new Set(), scalars: new Set(), variables: new Set() };
  const noSuchSignal = (name: string): string =>
    `term '${term.name}' reads '${name}' but declares only ${term.needs.join(', ') || 'nothing'}: add it to needs.`;
  const noSuchLabel = (name: string): string =>
    `term '${term.name}' reads label '${name}' but its labels are '${String(term.labels)}', which hold ${namesOf(Object.keys(from))}.`;
  const lent = termContext(term, { variables });
  const context: TermContext = {
    logSoftmax: (logits, temperature) => lent.logSoftmax(logits, temperature),
    scalar: (name) => {
      reads.scalars.add(name);
      return lent.scalar(name);
    },
    variable: (name) => {
      reads.variables.add(name);
      return lent.variable(name);
    },
  };
  const source = term.from === 'labels' ? watched(from, reads.labels, noSuchLabel) : watched(from, reads.signals, noSuchSignal);
  const value: unknown = named(term, () => term.compute(watched(to, reads.signals, noSuchSignal), source, context));
  if (!(value instanceof tf.Tensor)) throw new Error(`term '${term.name}' returned ${String(value)}: return a tensor.`);
  return { value: value as tf.Tensor, reads };
};

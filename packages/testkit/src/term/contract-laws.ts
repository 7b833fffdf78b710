import { describe } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insist, type Law } from '../law.ts';
import { runTerm } from './run-term.ts';
import type { TermBench } from './term-bench.ts';
import { namesOf } from './names-of.ts';
import { onBackend, watchedCompute } from './watched-compute.ts';

const it = (names: readonly string[]): string => (names.length === 1 ? 'it' : 'them');
const tensors = (count: number): string => `${count} tensor${count === 1 ? '' : 's'}`;

const survivesJson = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'object' && value !== null) return Object.values(value).every(survivesJson);
  return value === null || typeof value === 'boolean' || typeof value === 'string';
};

const checkDescription = ({ term, subject }: TermBench): void => {
  const lost = Object.entries(describe(term).options).find(([, value]) => !survivesJson(value));
  insist(lost === undefined, () => `${subject} has an option '${String(lost?.[0])}' that JSON cannot hold: use numbers, texts, lists and parts.`);
};

const checkReads = ({ term, subject, fromNode, inputs: make }: TermBench): void => {
  const inputs = make();
  let unread: (declared: readonly string[], kind: 'signals' | 'labels' | 'scalars' | 'variables') => readonly string[] = (declared) => declared;
  onBackend(inputs, (uploaded) => {
    const { reads } = watchedCompute(term, uploaded);
    unread = (declared, kind) => declared.filter((name) => !reads[kind].has(name));
  });
  const signals = unread(term.needs, 'signals');
  insist(signals.length === 0, () => `${subject} declares ${namesOf(signals)} but never reads ${it(signals)}: drop ${it(signals)} from needs.`);
  const labels = fromNode ? [] : Object.keys(inputs.from);
  insist(fromNode || unread(labels, 'labels').length < labels.length, () => `${subject} compares with labels but never reads ${namesOf(labels)}.`);
  const scalars = unread(Object.keys(term.scalars), 'scalars');
  insist(
    scalars.length === 0,
    () => `${subject} declares scalar ${namesOf(scalars)} but never asks for ${it(scalars)}: use context.scalar(name), so that the number can change over training.`,
  );
  const parameters = unread(Object.keys(inputs.state.parameters), 'variables');
  insist(parameters.length === 0, () => `${subject} owns parameter ${namesOf(parameters)} but never asks for ${it(parameters)}: use context.variable(name).`);
};

const checkOwnership = ({ term, subject, inputs }: TermBench): void => {
  let disposed: readonly string[] = [];
  let returned: string | undefined;
  const before = tf.memory().numTensors;
  onBackend(inputs(), (uploaded) => {
    const given = [uploaded.to, uploaded.from, uploaded.variables].flatMap((tensors) => Object.entries(tensors));
    const { value } = watchedCompute(term, uploaded);
    disposed = given.flatMap(([name, tensor]) => (tensor.isDisposed ? [name] : []));
    returned = given.find(([, tensor]) => tensor === value)?.[0];
  });
  const kept = tf.memory().numTensors - before;
  insist(disposed.length === 0, () => `${subject} disposed ${namesOf(disposed)}, which it was only given to read.`);
  insist(returned === undefined, () => `${subject} returned '${String(returned)}' itself: return a new tensor, for the caller disposes it.`);
  insist(kept <= 0, () => `${subject} kept ${tensors(kept)} beside its result: everything else must be free to go, so no tf.keep and no tf.variable inside compute.`);
};

const checkStaysOnBackend = ({ term, subject, inputs }: TermBench): void => {
  const engine = tf.engine();
  const [readSync, read] = [engine.readSync.bind(engine), engine.read.bind(engine)];
  let reads = 0;
  const counted = <Args extends readonly unknown[], R>(method: (...args: Args) => R): ((...args: Args) => R) => (...args) => {
    reads += 1;
    return method(...args);
  };
  onBackend(inputs(), (uploaded) => {
    Object.assign(engine, { readSync: counted(readSync), read: counted(read) });
    try {
      watchedCompute(term, uploaded);
    } finally {
      Reflect.deleteProperty(engine, 'readSync');
      Reflect.deleteProperty(engine, 'read');
    }
  });
  insist(reads === 0, () => `${subject} reads a tensor's values while it computes (dataSync, data, array or print): stay on the backend, so that a step can be compiled.`);
};

const checkPurity = async ({ term, subject, inputs }: TermBench): Promise<void> => {
  const [first, second] = [(await runTerm(term, inputs())).values, (await runTerm(term, inputs())).values];
  const index = first.findIndex((value, at) => !Object.is(value, second[at]));
  insist(index === -1, () => `${subject} gave ${String(first[index])} and then ${String(second[index])} for the same inputs: it must be pure, without randomness or memory.`);
};

/**
 * Laws about what a term promises: it describes itself, reads what it declares and nothing else, leaves tensors alone, stays on
 * the backend, and is pure.
 *
 * @example
 * declare const bench: TermBench;
 * const laws = contractLaws(bench);
 */
export const contractLaws = (bench: TermBench): readonly Law[] => [
  { name: 'describes itself as JSON', check: () => { checkDescription(bench); } },
  { name: 'reads exactly what it needs', check: () => { checkReads(bench); } },
  { name: 'keeps no tensor but its result', check: () => { checkOwnership(bench); } },
  { name: 'reads no value on the host', check: () => { checkStaysOnBackend(bench); } },
  { name: 'same inputs, same value', check: () => checkPurity(bench) },
];

import { CodistillError, type GradientFlow, say, type Source, type Term } from '@codistill/core';
import { type Draft, type DraftEdge, findNode, learners, namesOfRole } from './draft.ts';
import { asTerm, asWeight, shown } from './noun.ts';
import { choiceOf, type Fields, nodesOf, optionsOf, stagesOf } from './options.ts';
import { refuseSignalGap } from './signal-gap.ts';

type Pair = Pick<DraftEdge, 'from' | 'to'>;

const FLOWS = ['to', 'from', 'both'] as const satisfies readonly GradientFlow[];

const termOf = (verb: string, value: unknown, source: Source): Term => {
  const term = asTerm(verb, value);
  if (term.from === source) return term;
  if (source === 'node') throw new CodistillError('COMPARES_WITH_LABELS', say.compose.comparesWithLabels(term.name));
  throw new CodistillError('COMPARES_WITH_NODE', say.compose.comparesWithNode(term.name));
};

const refuseFrozen = (draft: Draft, term: Term, moved: readonly string[]): void => {
  const frozen = moved.find((name) => findNode(draft, name)?.frozen === true);
  if (frozen !== undefined) throw new CodistillError('FROZEN_LEARNER', say.compose.frozenLearner(term.name, frozen));
};

const refuseLabels = (draft: Draft, term: Term): void => {
  const { kind } = draft.data.task;
  if (term.labels !== undefined && term.labels !== kind) {
    throw new CodistillError('LABELS_DIFFER', say.compose.labelsDiffer(term.name, term.labels, kind));
  }
};

const refuseTask = (draft: Draft, term: Term): void => {
  const why = term.refuses?.(draft.data.task);
  if (why !== undefined) throw new CodistillError('TASK_REFUSED', why);
};

/** The ends of an edge that its gradient moves. */
const movedBy = (flow: GradientFlow, from: readonly string[], to: readonly string[]): readonly string[] =>
  flow === 'to' ? to : flow === 'from' ? from : [...from, ...to];

/** An edge of constant weight 0 is no edge: training without it is the same bit for bit, and costs less. */
const withEdges = (draft: Draft, edges: readonly DraftEdge[]): Draft => ({
  ...draft,
  wired: true,
  edges: [...draft.edges, ...edges.filter(({ weight }) => weight !== 0)],
});

const placed = (draft: Draft, verb: string, term: Term, options: Fields, pairs: readonly Pair[], gradient: GradientFlow, scale: number): Draft => {
  const weight = asWeight(term.name, options['weight'] ?? 1);
  const when = stagesOf(draft, verb, options['when']);
  const { phase } = options;
  if (phase !== undefined && typeof phase !== 'string') throw new CodistillError('NOT_A_NOUN', say.compose.notANoun(`${verb}({ phase })`, 'a name', shown(phase)));
  return withEdges(draft, pairs.map((pair) => ({ ...pair, term, weight, scale, gradient, when, phase })));
};

/** Every source with every target. */
const crossed = (term: Term, from: readonly string[], to: readonly string[]): readonly Pair[] => {
  const same = from.find((name) => to.includes(name));
  if (same !== undefined) throw new CodistillError('COMPARES_WITH_ITSELF', say.compose.comparesWithItself(term.name, same));
  return from.flatMap((source) => to.map((target) => ({ from: source, to: target })));
};

const compared = (draft: Draft, verb: string, term: Term, options: Fields, from: readonly string[], to: readonly string[]): Draft => {
  if (from.length === 0) throw new CodistillError('TEACHER_MISSING', say.compose.teacherMissing(term.name));
  if (to.length === 0) throw new CodistillError('LEARNER_MISSING', say.compose.learnerMissing(term.name));
  const pairs = crossed(term, from, to);
  const gradient = choiceOf(verb, 'gradient', options['gradient'], FLOWS);
  refuseLabels(draft, term);
  refuseTask(draft, term);
  refuseFrozen(draft, term, movedBy(gradient, from, to));
  refuseSignalGap(draft, `loss '${term.name}'`, term.needs, [...from, ...to]);
  return placed(draft, verb, term, options, pairs, gradient, 1);
};

/**
 * Labels → nodes; by default every node that learns.
 *
 * @throws CodistillError COMPARES_WITH_NODE, LEARNER_MISSING, LABELS_DIFFER, FROZEN_LEARNER, SIGNAL_MISSING, WEIGHT_INVALID,
 *   NODE_UNKNOWN, STAGE_UNKNOWN
 * @example
 * declare const draft: Draft;
 * declare const crossEntropy: unknown;
 * supervise(draft, crossEntropy, { to: ['small'] });
 */
export const supervise = (draft: Draft, value: unknown, given: unknown): Draft => {
  const verb = '.supervise';
  const term = termOf(verb, value, 'labels');
  const options = optionsOf(verb, given, ['to', 'weight', 'when', 'phase']);
  const to = nodesOf(draft, verb, 'to', options['to']) ?? learners(draft);
  if (to.length === 0) throw new CodistillError('LEARNER_MISSING', say.compose.learnerMissing(term.name));
  refuseLabels(draft, term);
  refuseTask(draft, term);
  refuseFrozen(draft, term, to);
  refuseSignalGap(draft, `loss '${term.name}'`, term.needs, to);
  return placed(draft, verb, term, options, to.map((name) => ({ from: 'labels', to: name })), 'to', 1);
};

/**
 * Teachers → students; or whatever `from` and `to` name.
 *
 * @throws CodistillError COMPARES_WITH_LABELS, TEACHER_MISSING, LEARNER_MISSING, COMPARES_WITH_ITSELF, FROZEN_LEARNER,
 *   SIGNAL_MISSING, WEIGHT_INVALID, NODE_UNKNOWN, STAGE_UNKNOWN
 * @example
 * declare const draft: Draft;
 * declare const kd: unknown;
 * distill(draft, kd, { weight: 0.5 });
 */
export const distill = (draft: Draft, value: unknown, given: unknown): Draft => {
  const verb = '.distill';
  const term = termOf(verb, value, 'node');
  const options = optionsOf(verb, given, ['from', 'to', 'weight', 'gradient', 'when', 'phase']);
  const from = nodesOf(draft, verb, 'from', options['from']) ?? namesOfRole(draft, 'teacher');
  const to = nodesOf(draft, verb, 'to', options['to']) ?? namesOfRole(draft, 'student').filter((name) => !from.includes(name));
  return compared(draft, verb, term, options, from, to);
};

/**
 * Any nodes → any others.
 *
 * @throws CodistillError as `distill`
 * @example
 * declare const draft: Draft;
 * declare const kd: unknown;
 * edge(draft, kd, { from: 'reader', to: 'watcher' });
 */
export const edge = (draft: Draft, value: unknown, given: unknown): Draft => {
  const verb = '.edge';
  const term = termOf(verb, value, 'node');
  const options = optionsOf(verb, given, ['from', 'to', 'weight', 'gradient', 'when', 'phase']);
  const from = nodesOf(draft, verb, 'from', options['from']) ?? [];
  const to = nodesOf(draft, verb, 'to', options['to']) ?? [];
  return compared(draft, verb, term, options, from, to);
};

/**
 * Every ordered pair of peers; by default all students. With `reduce: 'mean'` each of N peers hears the others at 1 / (N − 1), so
 * that the size of the group does not change how much its members listen; a single peer hears nobody.
 *
 * @throws CodistillError COMPARES_WITH_LABELS, PEERS_MISSING, FROZEN_LEARNER, SIGNAL_MISSING, WEIGHT_INVALID, NODE_UNKNOWN,
 *   STAGE_UNKNOWN
 * @example
 * declare const draft: Draft;
 * declare const kd: unknown;
 * mutual(draft, kd, { among: ['a', 'b', 'c'], reduce: 'sum' });
 */
export const mutual = (draft: Draft, value: unknown, given: unknown): Draft => {
  const verb = '.mutual';
  const term = termOf(verb, value, 'node');
  const options = optionsOf(verb, given, ['among', 'weight', 'gradient', 'when', 'phase', 'reduce']);
  const among = nodesOf(draft, verb, 'among', options['among']) ?? namesOfRole(draft, 'student');
  if (among.length === 0) throw new CodistillError('PEERS_MISSING', say.compose.peersMissing(term.name));
  refuseLabels(draft, term);
  refuseTask(draft, term);
  refuseFrozen(draft, term, among);
  refuseSignalGap(draft, `loss '${term.name}'`, term.needs, among);
  const gradient = choiceOf(verb, 'gradient', options['gradient'], FLOWS);
  const scale = choiceOf(verb, 'reduce', options['reduce'], ['mean', 'sum']) === 'sum' ? 1 : 1 / Math.max(1, among.length - 1);
  const pairs = among.flatMap((to) => among.filter((from) => from !== to).map((from) => ({ from, to })));
  return placed(draft, verb, term, options, pairs, gradient, scale);
};

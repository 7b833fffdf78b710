import { CodistillError, type Copy, readsOf, say } from '@codistill/core';
import { type Draft, findNode } from './draft.ts';
import { asDerived, asModel, isCopy } from './noun.ts';
import { choiceOf, fieldsOf, optionsOf, stagesOf } from './options.ts';
import { refuseSignalGap } from './signal-gap.ts';

/** `labels` is where supervision comes from, `default` the optimizer of all others, `ensemble` the result of all students. */
const RESERVED: readonly string[] = ['labels', 'default', 'ensemble'];

/** Names become folders, and keys of plain objects. */
const USABLE = /^[\p{L}\p{N}][\p{L}\p{N}_.-]*$/u;

const refuseName = (draft: Draft, name: string): void => {
  if (RESERVED.includes(name)) throw new CodistillError('NAME_RESERVED', say.compose.nameReserved(name));
  if (!USABLE.test(name) || name in {}) throw new CodistillError('NAME_UNUSABLE', say.compose.nameUnusable(name));
  if (findNode(draft, name) !== undefined) throw new CodistillError('NAME_TAKEN', say.compose.nameTaken(name));
};

const addNetwork = (draft: Draft, verb: string, name: string, value: unknown, role: 'teacher' | 'student', who: string, frozen: boolean): Draft => {
  const part = asModel(verb, value);
  refuseName(draft, name);
  const { classes } = draft.data.task;
  if (part.classes !== null && part.classes !== classes) {
    throw new CodistillError('CLASSES_DIFFER', say.compose.classesDiffer(who, part.classes, classes));
  }
  return { ...draft, nodes: [...draft.nodes, { name, role, frozen, part }] };
};

const frozenOf = (verb: string, options: unknown): boolean =>
  choiceOf(verb, 'frozen', optionsOf(verb, options, ['frozen'])['frozen'], [false, true]);

/**
 * Adds the node `teacher`.
 *
 * @throws CodistillError CLASSES_DIFFER, NAME_TAKEN
 * @example
 * declare const draft: Draft;
 * declare const model: unknown;
 * addTeacher(draft, model, { frozen: true });
 */
export const addTeacher = (draft: Draft, model: unknown, options: unknown): Draft =>
  addNetwork(draft, '.teacher', 'teacher', model, 'teacher', 'the teacher', frozenOf('.teacher', options));

/**
 * Adds teachers by name.
 *
 * @throws CodistillError CLASSES_DIFFER, NAME_TAKEN, NAME_RESERVED, NAME_UNUSABLE
 * @example
 * declare const draft: Draft;
 * declare const model: unknown;
 * addTeachers(draft, { wide: model, deep: model }, undefined);
 */
export const addTeachers = (draft: Draft, models: unknown, options: unknown): Draft => {
  const frozen = frozenOf('.teachers', options);
  return Object.entries(fieldsOf('.teachers', 'models by name', models)).reduce(
    (soFar, [name, model]) => addNetwork(soFar, '.teachers', name, model, 'teacher', `teacher '${name}'`, frozen),
    draft,
  );
};

/**
 * Adds students by name.
 *
 * @throws CodistillError CLASSES_DIFFER, NAME_TAKEN, NAME_RESERVED, NAME_UNUSABLE
 * @example
 * declare const draft: Draft;
 * declare const model: unknown;
 * addStudents(draft, { small: model });
 */
export const addStudents = (draft: Draft, models: unknown): Draft =>
  Object.entries(fieldsOf('.students', 'models by name', models)).reduce(
    (soFar, [name, model]) => addNetwork(soFar, '.students', name, model, 'student', `student '${name}'`, false),
    draft,
  );

/** A copy has a network of its own, so its original must have one. */
const addCopy = (draft: Draft, name: string, part: Copy): Draft => {
  const [of] = part.of;
  const original = findNode(draft, of);
  if (original === undefined) throw new CodistillError('MEMBER_UNKNOWN', say.compose.memberUnknown(name, of));
  if (original.role === 'derived') throw new CodistillError('COPY_OF_DERIVED', say.compose.copyOfDerived(name, of));
  const { follows } = part;
  if ('once' in follows && follows.once === 'stage') stagesOf(draft, '.node', follows.stage);
  return { ...draft, nodes: [...draft.nodes, { name, role: 'derived', frozen: true, part, model: original.part }] };
};

/**
 * Adds a node made of others, which must exist: so no node can be made of itself.
 *
 * @throws CodistillError NAME_TAKEN, NAME_RESERVED, NAME_UNUSABLE, MEMBER_UNKNOWN, SIGNAL_MISSING, COPY_OF_DERIVED, LABELS_DIFFER
 * @example
 * declare const draft: Draft;
 * declare const derived: unknown;
 * addDerived(draft, 'mix', derived);
 */
export const addDerived = (draft: Draft, name: unknown, derived: unknown): Draft => {
  const called = String(name);
  refuseName(draft, called);
  if (isCopy(derived)) return addCopy(draft, called, derived);
  const part = asDerived('.node', derived);
  const unknown = part.of.find((member) => findNode(draft, member) === undefined);
  if (unknown !== undefined) throw new CodistillError('MEMBER_UNKNOWN', say.compose.memberUnknown(called, unknown));
  for (const member of part.of) refuseSignalGap(draft, `node '${called}'`, readsOf(part, member), [member]);
  const { kind } = draft.data.task;
  if (part.labels !== undefined && part.labels !== kind) throw new CodistillError('LABELS_DIFFER', say.compose.nodeLabelsDiffer(called, part.labels, kind));
  return { ...draft, nodes: [...draft.nodes, { name: called, role: 'derived', frozen: false, part }] };
};

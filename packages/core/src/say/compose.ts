import type { LabelKind } from '../task.ts';

/**
 * What is said when a pipeline is composed wrongly. Each sentence is a function whose return type is the sentence itself: the
 * chain's types show it at compile time, its code throws it at run time, and the two cannot differ. Sentences that return plain
 * `string` need values only the run time knows.
 */

/**
 * How a label kind is called in a sentence.
 *
 * @example
 * say.labelNoun.mask; // 'masks'
 */
export const labelNoun = { class: 'class labels', mask: 'masks', boxes: 'boxes', density: 'density maps' } as const;

type LabelNoun = typeof labelNoun;

const listed = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/** Number of single-character edits between two words (Levenshtein). */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

/** `: there are 'tiny', 'small' (did you mean 'tiny'?)`; a guess is made where less than half of the word is wrong. */
const existing = (name: string, names: readonly string[]): string => {
  if (names.length === 0) return ': there are none yet';
  const [nearest] = names.map((known) => ({ known, edits: distance(name, known) })).sort((a, b) => a.edits - b.edits);
  const guess = nearest !== undefined && nearest.edits < name.length && nearest.edits <= Math.ceil(0.4 * name.length) ? ` (did you mean '${nearest.known}'?)` : '';
  return `: there ${names.length === 1 ? 'is' : 'are'} ${listed(names)}${guess}`;
};

/**
 * Sentences about composition. Codes are the keys in upper snake case.
 *
 * @example
 * say.compose.nameTaken('small'); // "node 'small' is already defined"
 */
export const compose = {
  // Nodes
  classesDiffer: <const Who extends string, const Has extends number, const Want extends number>(
    who: Who,
    has: Has,
    want: Want,
  ): `${Who} has ${Has} classes but the data has ${Want}` => `${who} has ${has} classes but the data has ${want}`,
  nameTaken: <const Name extends string>(name: Name): `node '${Name}' is already defined` => `node '${name}' is already defined`,
  nameReserved: <const Name extends string>(name: Name): `node '${Name}' needs another name: '${Name}' is reserved` =>
    `node '${name}' needs another name: '${name}' is reserved`,
  nameUnusable: (name: string): string =>
    `node '${name}' needs another name: begin with a letter or a digit, go on with letters, digits, '_', '-' or '.'`,
  nodesFirst: <const Verb extends string>(
    verb: Verb,
  ): `nodes and stages come first: call .${Verb}(...) before .supervise/.distill/.mutual/.edge` =>
    `nodes and stages come first: call .${verb}(...) before .supervise/.distill/.mutual/.edge`,
  memberUnknown: <const Name extends string, const Member extends string>(
    name: Name,
    member: Member,
  ): `node '${Name}' is made of '${Member}', which is not defined` => `node '${name}' is made of '${member}', which is not defined`,
  copyOfDerived: <const Name extends string, const Of extends string>(
    name: Name,
    of: Of,
  ): `node '${Name}' cannot copy '${Of}', which has no network: copy one of the nodes it is made of` =>
    `node '${name}' cannot copy '${of}', which has no network: copy one of the nodes it is made of`,
  nodeLabelsDiffer: (name: string, kind: LabelKind, has: LabelKind): string => `node '${name}' reads ${labelNoun[kind]} but the data has ${labelNoun[has]}`,
  nodeUnknown: (name: string, names: readonly string[]): string => `node '${name}' is not defined${existing(name, names)}`,
  takesNo: (name: string, state: 'derived' | 'frozen', what: string): string => `node '${name}' is ${state} and takes no ${what}`,

  // Losses
  labelsDiffer: <const Term extends string, const Kind extends LabelKind, const Has extends LabelKind>(
    term: Term,
    kind: Kind,
    has: Has,
  ): `loss '${Term}' compares with ${LabelNoun[Kind]} but the data has ${LabelNoun[Has]}` =>
    `loss '${term}' compares with ${labelNoun[kind]} but the data has ${labelNoun[has]}`,
  comparesWithLabels: <const Term extends string>(term: Term): `loss '${Term}' compares with labels: use .supervise(...)` =>
    `loss '${term}' compares with labels: use .supervise(...)`,
  comparesWithNode: <const Term extends string>(
    term: Term,
  ): `loss '${Term}' compares with another node: use .distill(...), .mutual(...) or .edge(...)` =>
    `loss '${term}' compares with another node: use .distill(...), .mutual(...) or .edge(...)`,
  comparesWithItself: <const Term extends string, const Name extends string>(
    term: Term,
    name: Name,
  ): `loss '${Term}' cannot compare '${Name}' with itself: name different nodes, or use .mutual(...)` =>
    `loss '${term}' cannot compare '${name}' with itself: name different nodes, or use .mutual(...)`,
  teacherMissing: <const Term extends string>(
    term: Term,
  ): `loss '${Term}' needs a teacher: call .teacher(model) first, or say { from: ... }` =>
    `loss '${term}' needs a teacher: call .teacher(model) first, or say { from: ... }`,
  learnerMissing: <const Term extends string>(
    term: Term,
  ): `loss '${Term}' has no node to teach: call .students({...}) first, or say { to: ... }` =>
    `loss '${term}' has no node to teach: call .students({...}) first, or say { to: ... }`,
  peersMissing: <const Term extends string>(
    term: Term,
  ): `loss '${Term}' has no peers: call .students({...}) first, or say { among: [...] }` =>
    `loss '${term}' has no peers: call .students({...}) first, or say { among: [...] }`,
  frozenLearner: <const Term extends string, const Name extends string>(
    term: Term,
    name: Name,
  ): `loss '${Term}' would train '${Name}', which is frozen: leave it out, or do not freeze it` =>
    `loss '${term}' would train '${name}', which is frozen: leave it out, or do not freeze it`,
  signalMissing: <const Reader extends string, const Signal extends string, const Name extends string>(
    reader: Reader,
    signal: Signal,
    name: Name,
  ): `${Reader} reads '${Signal}' but '${Name}' does not emit it` => `${reader} reads '${signal}' but '${name}' does not emit it`,
  weightInvalid: (term: string, weight: string): string =>
    `the weight of loss '${term}' must be a finite number, at least 0, or a schedule but is ${weight}`,
  learnsNothing: (names: readonly string[]): string =>
    names.length === 1
      ? `node ${listed(names)} learns but no loss trains it: add one, or freeze it`
      : `nodes ${listed(names)} learn but no loss trains them: add one for each, or freeze them`,

  // Stages
  stagesMissing: (): 'there are no stages to name: call .stages([...]) first' => 'there are no stages to name: call .stages([...]) first',
  stageUnknown: (name: string, names: readonly string[]): string => `stage '${name}' is not defined${existing(name, names)}`,
  stageTaken: (name: string): string => `stage '${name}' is already defined`,
  stageEpochs: (name: string, epochs: string): string => `stage '${name}' must last a positive whole number of epochs but lasts ${epochs}`,
  stageIdle: (name: string): string => `no loss holds in stage '${name}': name it in { when }, or leave the stage out`,

  phaseUnknown: (term: string, phase: string, phases: readonly string[]): string =>
    phases.length === 0
      ? `loss '${term}' belongs to phase '${phase}' but the step has no phases: call .program(...) with one that has, or leave the phase out`
      : `phase '${phase}' of loss '${term}' is not defined${existing(phase, phases)}`,

  // The whole
  notReady: <const Todo extends string>(todo: Todo): `not ready: still needs ${Todo}` => `not ready: still needs ${todo}`,

  // Mistakes that only JavaScript can make
  notCalled: (verb: string, noun: string, name: string): string => `${verb} takes ${noun}: pass ${name}(...), not ${name}`,
  notANoun: (verb: string, noun: string, value: string): string => `${verb} takes ${noun} but got ${value}`,
  optionUnknown: (verb: string, option: string, options: readonly string[]): string =>
    `${verb} has no option '${option}'${existing(option, options)}`,
  choiceUnknown: (verb: string, option: string, value: string, choices: readonly string[]): string =>
    `${verb}({ ${option} }) must be one of ${choices.join(', ')} but is ${value}`,
  optimizersMissing: (): string => '.optimize takes an optimizer, or optimizers by node name: give at least one',
  listEmpty: (verb: string, option: string): string => `${verb}({ ${option} }) names nothing: name at least one, or leave it out`,
} as const;

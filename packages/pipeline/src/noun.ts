import { CodistillError, type Copy, type Data, type Derived, type Ensembler, type Model, type NodeView, type Optimizer, type Part, type Program, say, type Scheduled, type Term, type View } from '@codistill/core';

// The compiler has checked all this for TypeScript; JavaScript arrives here unchecked.

type Fields = Readonly<Record<string, unknown>>;

const isFilled = (value: unknown): value is Fields => (typeof value === 'object' || typeof value === 'function') && value !== null;

const isPart = (value: unknown): value is Part & Fields =>
  isFilled(value) && typeof value['package'] === 'string' && typeof value['name'] === 'string' && isFilled(value['options']);

/**
 * A value as a sentence calls it.
 *
 * @example
 * shown('small'); // "'small'"
 */
export const shown = (value: unknown): string => {
  if (isPart(value)) return `the part '${value.name}'`;
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (value instanceof Promise) return 'a promise: await it first';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? `'${value}'` : String(value);
};

const noun = (verb: string, called: string, value: unknown, holds: (value: Fields) => boolean): unknown => {
  if (isPart(value) && holds(value)) return value;
  if (typeof value === 'function' && !isPart(value) && value.name !== '') {
    throw new CodistillError('NOT_CALLED', say.compose.notCalled(verb, called, value.name));
  }
  throw new CodistillError('NOT_A_NOUN', say.compose.notANoun(verb, called, shown(value)));
};

/**
 * The value as a data set.
 *
 * @throws CodistillError NOT_CALLED, NOT_A_NOUN, as do its neighbours
 * @example
 * declare const given: unknown;
 * const data: Data = asData('pipeline', given);
 */
export const asData = (verb: string, value: unknown): Data => noun(verb, 'a data set', value, ({ task, train }) => isFilled(task) && isFilled(train)) as Data;

/**
 * The value as a model.
 *
 * @example
 * declare const given: unknown;
 * const model: Model = asModel('.teacher', given);
 */
export const asModel = (verb: string, value: unknown): Model =>
  noun(verb, 'a model', value, ({ emits, build }) => Array.isArray(emits) && typeof build === 'function') as Model;

/**
 * The value as a derived node.
 *
 * @example
 * declare const given: unknown;
 * const derived: Derived = asDerived('.node', given);
 */
export const asDerived = (verb: string, value: unknown): Derived =>
  noun(verb, 'a derived node', value, ({ of, emits, needs, read }) => [of, emits, needs].every(Array.isArray) && typeof read === 'function') as Derived;

/**
 * Whether the value is a copy of a node.
 *
 * @example
 * isCopy({ of: ['a'] }); // false
 */
export const isCopy = (value: unknown): value is Copy => isPart(value) && Array.isArray(value['of']) && isFilled(value['follows']);

/**
 * The value as a program.
 *
 * @example
 * declare const given: unknown;
 * const program: Program = asProgram('.program', given);
 */
export const asProgram = (verb: string, value: unknown): Program =>
  noun(verb, 'a program', value, ({ phases, step }) => Array.isArray(phases) && typeof step === 'function') as Program;

/**
 * The value as a loss term.
 *
 * @example
 * declare const given: unknown;
 * const term: Term = asTerm('.distill', given);
 */
export const asTerm = (verb: string, value: unknown): Term =>
  noun(verb, 'a loss', value, ({ from, needs, compute }) => typeof from === 'string' && Array.isArray(needs) && typeof compute === 'function') as Term;

/**
 * Whether the value is an optimizer, and not a record of them.
 *
 * @example
 * isOptimizer({ default: 1 }); // false
 */
export const isOptimizer = (value: unknown): value is Optimizer =>
  isPart(value) && typeof value['init'] === 'function' && typeof value['update'] === 'function';

/**
 * The value as an optimizer.
 *
 * @example
 * declare const given: unknown;
 * const optimizer: Optimizer = asOptimizer('.optimize', given);
 */
export const asOptimizer = (verb: string, value: unknown): Optimizer => noun(verb, 'an optimizer', value, isOptimizer) as Optimizer;

/**
 * The value as a view.
 *
 * @example
 * declare const given: unknown;
 * const view: View | NodeView = asView('.views', given);
 */
export const asView = (verb: string, value: unknown): View | NodeView =>
  noun(verb, 'a view', value, ({ apply, look }) => typeof apply === 'function' || typeof look === 'function') as View | NodeView;

/**
 * The value as an ensembler.
 *
 * @example
 * declare const given: unknown;
 * const ensembler: Ensembler = asEnsembler('.ensemble', given);
 */
export const asEnsembler = (verb: string, value: unknown): Ensembler =>
  noun(verb, 'an ensembler', value, ({ needs, combine }) => Array.isArray(needs) && typeof combine === 'function') as Ensembler;

/**
 * The value as the weight of an edge: a finite number, at least 0, or a schedule.
 *
 * @param term - name of the loss it weighs
 * @throws CodistillError WEIGHT_INVALID
 * @example
 * asWeight('kd', 0.5); // 0.5
 */
export const asWeight = (term: string, value: unknown): Scheduled => {
  const holds = typeof value === 'number' ? Number.isFinite(value) && value >= 0 : typeof value === 'function' && isPart(value);
  if (!holds) throw new CodistillError('WEIGHT_INVALID', say.compose.weightInvalid(term, shown(value)));
  return value as Scheduled;
};

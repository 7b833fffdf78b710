import type { Json } from './json.ts';
import { deepFreeze } from './spec.ts';

/**
 * Where a value of the training graph comes from, so that a {@link Spec} can name it: every noun (model, term, schedule,
 * optimizer, view, ensembler, metric, data) is a part.
 *
 * @example
 * const described: Part = { package: '@codistill/losses', name: 'kd', options: { temperature: 4 } };
 */
export interface Part {
  /** npm package that exports the function which made this value; `'local'` if it is in no package. */
  readonly package: string;
  /** Name of that function. */
  readonly name: string;
  /** What it was called with: plain JSON, or other parts (a temperature may be a schedule). */
  readonly options: PartOptions;
}

/**
 * Options of a part: JSON whose leaves may be parts themselves.
 *
 * @example
 * const options: PartOptions = { lr: 0.1, momentum: 0.9 };
 */
export interface PartOptions {
  readonly [option: string]: Json | Part | readonly Part[] | undefined;
}

/**
 * The fields by which an author names a part. `package` defaults to `'local'`, `options` to `{}`.
 *
 * @example
 * const origin: PartOrigin<'focal'> = { package: '@acme/loss-focal', name: 'focal', options: { gamma: 2 } };
 */
export interface PartOrigin<Name extends string = string> {
  readonly package?: string;
  readonly name: Name;
  readonly options?: PartOptions;
}

const isPart = (value: unknown): value is Part =>
  (typeof value === 'object' || typeof value === 'function') && value !== null && 'package' in value && 'options' in value && 'name' in value;

const plain = (value: unknown): Json => {
  if (isPart(value)) return describe(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, plain(inner)]])));
  }
  return value as Json;
};

/**
 * The JSON description of a part, with the parts inside its options described too.
 *
 * @param part - any noun
 * @returns `{ package, name, options }`, frozen through and through; options that are `undefined` are left out
 * @example
 * describe({ package: '@codistill/losses', name: 'kd', options: { temperature: 4 } });
 * // { package: '@codistill/losses', name: 'kd', options: { temperature: 4 } }
 */
export const describe = (part: Part): { readonly package: string; readonly name: string; readonly options: { readonly [key: string]: Json } } =>
  deepFreeze({ package: part.package, name: part.name, options: plain({ ...part.options }) as { [key: string]: Json } });

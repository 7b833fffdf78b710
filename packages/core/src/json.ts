/**
 * A value that survives `JSON.parse(JSON.stringify(value))` unchanged.
 *
 * @example
 * const options: Json = { temperature: 4, at: ['block1', 'block2'] };
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A record of values under names, in insertion order: parameters of a network, scalars of a step.
 *
 * @example
 * const shapes: Named<readonly number[]> = { 'dense/kernel': [64, 10], 'dense/bias': [10] };
 */
export type Named<T> = Readonly<Record<string, T>>;

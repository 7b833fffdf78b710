import type { Model } from '@codistill/core';

/**
 * A name that the caller chose, inside a recipe: all that is known of it there is that it is none of the recipe's own. (With plain
 * `string` the compiler could not tell a student from the teacher.) Callers never meet it.
 *
 * @example
 * const someone = (names: readonly SomeName[]): SomeName | undefined => names[0];
 */
export type SomeName = `some ${string}`;

/**
 * Models under names of the caller's choice. To a verb it is said as `.students<SomeModels>(students)`: inference makes `string` of its names.
 *
 * @example
 * declare const students: SomeModels;
 * const names = namesOf(students);
 */
export type SomeModels = Readonly<Record<SomeName, Model>>;

/**
 * The names of some models.
 *
 * @example
 * declare const students: SomeModels;
 * const names = namesOf(students);
 */
export const namesOf = (models: SomeModels): readonly SomeName[] => Object.keys(models) as SomeName[];

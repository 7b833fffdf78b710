import type { Ensembler } from '@codistill/core';
import { contractLaws } from './ensembler/contract-laws.ts';
import { sameInStockLayers } from './ensembler/stock-layers-law.ts';
import { valueLaws } from './ensembler/value-laws.ts';
import { jsonLaw } from './json-law.ts';
import { type Law, testLaws } from './law.ts';

/**
 * What the laws should know of an ensembler.
 *
 * @example
 * const twoWeights: EnsemblerLawOptions = { members: [2], orderMatters: true };
 */
export interface EnsemblerLawOptions {
  /** How many members to try; default 1, 2 and 5. */
  readonly members?: readonly number[];
  /** Whether each member has a place of its own (weights); default false. */
  readonly orderMatters?: boolean;
}

/**
 * What must hold of every ensembler that combines logits, on the backend that is active when the laws are checked.
 *
 * @param ensembler - the one under test
 * @returns laws for {@link testLaws}; each leaves as many tensors as it found
 * @example
 * declare const mean: Ensembler<'logits'>;
 * console.log(ensemblerLaws(mean).map((law) => law.name));
 */
export const ensemblerLaws = (
  ensembler: Ensembler<'logits'>,
  { members = [1, 2, 5], orderMatters = false }: EnsemblerLawOptions = {},
): readonly Law[] => [
  jsonLaw(ensembler, `ensembler '${ensembler.name}'`),
  ...valueLaws(ensembler, members, orderMatters),
  ...contractLaws(ensembler, Math.max(...members)),
  ...(ensembler.layers === undefined ? [] : [sameInStockLayers(ensembler, ensembler.layers, members)]),
];

/**
 * Tests an ensembler against {@link ensemblerLaws} with the test runner whose `describe` and `it` are global.
 *
 * @example
 * declare const mean: Ensembler<'logits'>;
 * testEnsembler(mean);
 */
export const testEnsembler = (ensembler: Ensembler<'logits'>, options: EnsemblerLawOptions = {}): void => {
  testLaws(ensembler.name, ensemblerLaws(ensembler, options));
};

import { describe, type Model, printPart, type Site } from '@codistill/core';
import { type Law, testLaws } from './law.ts';
import type { ModelBench } from './model/model-bench.ts';
import { passLaws } from './model/pass-laws.ts';
import { weightLaws } from './model/weight-laws.ts';

/**
 * What the laws should know of a model.
 *
 * @example
 * const options: ModelLawOptions = { sites: [{ input: [8], classes: 3 }] };
 */
export interface ModelLawOptions {
  /** Where to build it; default images of 8 × 8 with three channels and 3 classes, and with one channel and 2 classes. */
  readonly sites?: readonly Site[];
  /** Examples per batch; default 3. */
  readonly batch?: number;
  /** Whether the key decides the weights; `false` for a model that keeps given ones. Default true. */
  readonly keyed?: boolean;
  /** Parameters that rightly get no gradient, such as a bias in front of batch norm; default none. */
  readonly without?: readonly string[];
}

const SITES: readonly Site[] = [
  { input: [8, 8, 3], classes: 3 },
  { input: [8, 8, 1], classes: 2 },
];

/**
 * What must hold of every model, on the backend that is active when the laws are checked.
 *
 * A model that is fixed to its classes, or takes no images, needs `sites` of its own.
 *
 * @param model - the one under test
 * @returns laws for {@link testLaws}; each leaves as many tensors as it found
 * @example
 * declare const mlp: Model;
 * const laws = modelLaws(mlp, { sites: [{ input: [5], classes: 2 }] });
 */
export const modelLaws = (model: Model, { sites = SITES, batch = 3, keyed = true, without = [] }: ModelLawOptions = {}): readonly Law[] => {
  const bench: ModelBench = { model, subject: `model '${model.name}'`, sites, batch };
  return [...passLaws(bench), ...weightLaws(bench, keyed, without)];
};

/**
 * Tests a model against {@link modelLaws} with the test runner whose `describe` and `it` are global.
 *
 * @example
 * declare const mlp: Model;
 * testModel(mlp, { sites: [{ input: [5], classes: 2 }] });
 */
export const testModel = (model: Model, options?: ModelLawOptions): void => {
  testLaws(`laws of ${printPart(describe(model))}`, modelLaws(model, options));
};

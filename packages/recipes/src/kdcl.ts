import type { Derived, Ensembler, Optimizer, Scheduled, View } from '@codistill/core';
import { meanProbabilities } from '@codistill/ensemblers';
import { crossEntropy, kd } from '@codistill/losses';
import { generalMin, linearMin, minLogit, naive } from '@codistill/nodes';
import type { Node } from '@codistill/pipeline';
import type { Begun, Composed, Models, StudentNodes } from './composed.types.ts';
import { namesOf, type SomeModels, type SomeName } from './some-name.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * How the students' logits become one target.
 *
 * - `naive`: those of the student that knows the label best, example by example
 * - `linear`: the mixture of all, one for the batch, that has the least cross-entropy
 * - `minLogit`: class by class the least that any of them says against the label
 * - `general`: the mixture whose errors should cancel, by their covariance
 *
 * @example
 * const rules: readonly KdclTarget[] = ['naive', 'linear', 'minLogit', 'general'];
 */
export type KdclTarget = 'naive' | 'linear' | 'minLogit' | 'general';

/**
 * Options of {@link kdcl}.
 *
 * @example
 * declare const resnet: Model<'logits'>;
 * const options: KdclOptions = { students: { a: resnet, b: resnet }, target: 'general' };
 */
export interface KdclOptions<Students extends Models = Models> {
  /** Two or more, by name, of any architectures. */
  readonly students: Students;
  /** Default `'minLogit'`, our choice. With two classes that is the surest student's, and no ensemble: prefer `'linear'` or `'general'` there. */
  readonly target?: KdclTarget;
  /** What the students see: each has a draw of its own from it, where the target is the same for all. Default none: all see the batch as it is. */
  readonly augmentation?: View;
  /** λ, the weight of the target; default 1, as a third party has it. */
  readonly weight?: Scheduled;
  /** τ; default 2, as a third party has it. */
  readonly temperature?: Scheduled;
  /** How the students vote; default `meanProbabilities()`, our choice. */
  readonly ensembler?: Ensembler<'logits'>;
  /** Default: see `usualOptimizer`. */
  readonly optimizer?: Optimizer;
}

const targetOf = (rule: KdclTarget, of: readonly SomeName[]): Derived<SomeName, 'logits', 'logits', 'class'> => {
  switch (rule) {
    case 'naive':
      return naive({ of });
    case 'linear':
      return linearMin({ of });
    case 'minLogit':
      return minLogit({ of });
    case 'general':
      return generalMin({ of });
  }
};

/**
 * Knowledge distillation via collaborative learning: students without a teacher, all of which learn from one target that is made of their
 * logits with the labels in hand; each may see the batch in its own way.
 *
 * `L_i = CE(z_i, y) + λ τ² KL(p_target ‖ p_i)`, the target detached, and one of
 * `z_k, k = argmin CE(z_i, y)`; `Σ a_i z_i, a = argmin CE(Σ a_i z_i, y)`; `min_i (z_i − z_iy)`; `Σ w_i z_i, w = C⁻¹1 / (1ᵀC⁻¹1)`.
 *
 * Guo et al. 2020, "Online knowledge distillation via collaborative learning", CVPR. It has no published code: targets, λ and τ are as a third
 * party has them; how each target is computed is told by the node that it is.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `students`, `target`, `augmentation`, `weight`, `temperature`
 * @returns the chain, to be built or added to; `target` is there in training only
 * @throws CodistillError `MEMBERS_FEW` for fewer than two students
 * @example
 * declare const chain: Begun<10>;
 * declare const net: Model<'logits'>;
 * declare const shifted: View;
 * const run = await kdcl(chain, { students: { a: net, b: net }, target: 'linear', augmentation: shifted }).build();
 */
export function kdcl<Classes extends number, const Students extends Models>(
  chain: Begun<Classes>,
  options: KdclOptions<Students>,
): Composed<Classes, StudentNodes<Students> | Node<'target', 'logits', 'derived', false>>;
export function kdcl(
  chain: Begun,
  { students, target = 'minLogit', augmentation, weight = 1, temperature = 2, ensembler = meanProbabilities(), optimizer = usualOptimizer() }: KdclOptions<SomeModels>,
): unknown {
  const names = namesOf(students);
  // Nodes that share one view see the same draw of it, so each has a view of its own.
  const views = augmentation === undefined ? {} : Object.fromEntries(names.map((name) => [name, { ...augmentation }]));
  return chain
    .students<SomeModels>(students)
    .node('target', targetOf(target, names))
    .views(views)
    .supervise(crossEntropy())
    .edge(kd({ temperature }), { from: 'target', to: names, weight })
    .optimize(optimizer)
    .ensemble(ensembler);
}

import type { Model, Optimizer, Scheduled } from '@codistill/core';
import { crossEntropy, kd } from '@codistill/losses';
import { ema } from '@codistill/nodes';
import { rampUp } from '@codistill/schedulers';
import type { Begun, Composed, CopyNode, StudentNode } from './composed.types.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * Options of {@link meanTeacher}.
 *
 * @example
 * declare const resnet: Model<'logits'>;
 * const options: MeanTeacherOptions = { student: resnet, decay: 0.99 };
 */
export interface MeanTeacherOptions<S extends Model = Model> {
  readonly student: S;
  /** φ, which grows to this number as `min(1 − 1/(step + 1), φ)`; default 0.999, the authors' code. */
  readonly decay?: number;
  /** Weight of consistency; default `rampUp()`: the authors' shape `exp(−5 (1 − t)²)`, over the whole run and up to 1, which is our choice. */
  readonly weight?: Scheduled;
  /** τ of consistency; default 1, our choice. */
  readonly temperature?: Scheduled;
  /** Default: see `usualOptimizer`. */
  readonly optimizer?: Optimizer;
}

/**
 * Mean teacher: a student learns to agree with the moving average of its own weights, `θ′ ← φ θ′ + (1 − φ) θ` after every step.
 *
 * `L = CE(z, y) + w(t) τ² KL(p′ ‖ p)`, p′ detached.
 *
 * Tarvainen & Valpola 2017, "Mean teachers are better role models", arXiv:1703.01780. That is a semi-supervised method; here all
 * examples have labels, and KL in the place of its squared difference is our choice. Give both a view of their own to have its noise:
 * `.views({ student: augment(...), mean: augment(...) })`.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `student`, `decay`, `weight`
 * @returns the chain, to be built or added to; `mean` is what is used in the end
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: Model<'logits'>;
 * const run = await meanTeacher(chain, { student: resnet }).build();
 */
export function meanTeacher<Classes extends number, S extends Model>(chain: Begun<Classes>, options: MeanTeacherOptions<S>): Composed<Classes, StudentNode<S> | CopyNode<S, 'mean'>>;
export function meanTeacher(chain: Begun, { student, decay = 0.999, weight = rampUp(), temperature = 1, optimizer = usualOptimizer() }: MeanTeacherOptions) {
  return chain
    .students({ student })
    .node('mean', ema({ of: 'student', decay }))
    .supervise(crossEntropy())
    .edge(kd({ temperature }), { from: 'mean', to: 'student', weight })
    .optimize(optimizer);
}

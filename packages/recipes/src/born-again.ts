import type { Model, Optimizer, Scheduled } from '@codistill/core';
import { crossEntropy, kd } from '@codistill/losses';
import type { Begun, Composed, StudentNode, TeacherNode } from './composed.types.ts';
import { type GenerationName, generations } from './generations.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * Options of {@link bornAgain}.
 *
 * @example
 * declare const resnet: Model<'logits'>;
 * const options: BornAgainOptions = { network: resnet, epochs: 60 };
 */
export interface BornAgainOptions<N extends Model = Model> {
  /** The architecture of all generations. */
  readonly network: N;
  /** Length of a generation, in epochs. */
  readonly epochs: number;
  /** How many there are, the first of which has no teacher; default 3, our choice. */
  readonly generations?: number;
  /** Weight of what a generation hears from the one before; default 1, our choice. */
  readonly weight?: Scheduled;
  /** τ; default 1, our choice. */
  readonly temperature?: Scheduled;
  /** Default: `usualOptimizer`, beginning anew in each generation. */
  readonly optimizer?: Optimizer;
}

/**
 * Born-again networks: the first student learns from labels, then becomes the teacher of another that begins anew with the same
 * architecture, and so on.
 *
 * Generation g > 1: `L = CE(z_g, y) + w τ² KL(p_{g−1} ‖ p_g)`, the generation before frozen.
 *
 * Furlanello, Lipton, Tschannen, Itti & Anandkumar 2018, "Born-again neural networks", arXiv:1805.04770, whose idea is all that is
 * taken from it; numbers are our choice.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `network`, `epochs`, `generations`, `weight`, `temperature`
 * @returns the chain, to be built or added to; `student` is the last generation, `teacher` the one before
 * @throws CodistillError `OPTION_INVALID` for fewer than one generation
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: Model<'logits'>;
 * const run = await bornAgain(chain, { network: resnet, epochs: 60 }).build();
 * await run.fit({ seed: 7 }); // 180 epochs
 */
export function bornAgain<Classes extends number, N extends Model>(
  chain: Begun<Classes>,
  options: BornAgainOptions<N>,
): Composed<Classes, TeacherNode<N, 'teacher', true> | StudentNode<N>, GenerationName>;
export function bornAgain(chain: Begun, { network, epochs, generations: count = 3, weight = 1, temperature = 1, optimizer }: BornAgainOptions) {
  const stages = generations('bornAgain', count, epochs);
  const taught = stages.slice(1).map(({ name }) => name);
  return chain
    .teacher(network, { frozen: true })
    .students({ student: network })
    .stages(stages)
    .supervise(crossEntropy())
    .use((all) => (taught.length > 0 ? all.distill(kd({ temperature }), { when: taught, weight }) : all))
    .optimize(optimizer ?? usualOptimizer(...stages.map((stage) => stage.epochs)));
}

import { CodistillError, type Model, type Optimizer, say, type Scheduled, type Stage } from '@codistill/core';
import { original } from '@codistill/data';
import { crossEntropy, kd } from '@codistill/losses';
import { mined } from '@codistill/nodes';
import type { Begun, Composed, StudentNode, TeacherNode } from './composed.types.ts';
import type { GenerationName } from './generations.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * Options of {@link pasm}.
 *
 * @example
 * declare const resnet: Model<'logits'>;
 * const options: PasmOptions = { network: resnet, epochs: 60 };
 */
export interface PasmOptions<N extends Model = Model> {
  /** The architecture of all generations. */
  readonly network: N;
  /** Length of a generation, in epochs. */
  readonly epochs: number;
  /** How many there are, the first of which is the first teacher; at least 2, default 3, our choice. */
  readonly generations?: number;
  /** Side of the square, as a share of the image's shorter side, up to 1; default 1/6, our choice. 0 leaves the harder view out. */
  readonly size?: number;
  /** What happens in the square: `'mask'` (default, our choice) puts the data's mean colour there, `'attack'` moves it one step up the teacher's loss. */
  readonly mode?: 'mask' | 'attack';
  /** What the student hears about the harder view: what the teacher says of the `'original'` (default) or of the `'same'` view. Which of them the paper means is not known. */
  readonly hears?: 'original' | 'same';
  /** λ, the weight of what a student hears from its teacher; default 1, our choice. */
  readonly weight?: Scheduled;
  /** τ; default 4, our choice. */
  readonly temperature?: Scheduled;
  /** Default: `usualOptimizer`, beginning anew in each generation. */
  readonly optimizer?: Optimizer;
}

/** The first generation is the teacher; each student after the first replaces it by the one before. */
const generationsOf = (count: number, epochs: number): readonly Stage<GenerationName, 'teacher' | 'student'>[] => {
  if (!Number.isSafeInteger(count) || count < 2) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('pasm', 'generations', count, 'an integer of at least 2'));
  return Array.from({ length: count }, (_, index) => ({
    name: `generation${index + 1}` as const,
    epochs,
    freeze: [index === 0 ? 'student' : 'teacher'] as const,
    ...(index < 2 ? {} : { promote: { student: 'teacher' } as const, reinit: ['student'] as const }),
  }));
};

/**
 * Point adversarial self mining: the teacher finds the point of each image that its answer depends on most, and the student learns from the image
 * and from a harder one, without what is there; then it becomes the teacher of another that begins anew.
 *
 * Generation g > 1: `L = ½ [ CE(S(x), y) + CE(S(x̃), y) + w τ² KL(T(x) ‖ S(x)) + w τ² KL(T(x) ‖ S(x̃)) ]`, x̃ without the square around
 * `argmax Σ_c |∂ CE(T(x), y) / ∂x|`, T the generation before, frozen; generation 1: `L = CE(T(x), y)`.
 *
 * Liu et al. 2020, "Point adversarial self mining", arXiv:2008.11401: that a point attack by a trained teacher finds the most informative position, that the
 * student learns from harder samples and the teacher's guidance, and then becomes the teacher, is the paper's; the rest is our reconstruction, and its
 * numbers are our choice.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `network`, `epochs`, `generations`, `size`, `mode`, `hears`, `weight`, `temperature`
 * @returns the chain, to be built or added to; `student` is the last generation, `teacher` the one before
 * @throws CodistillError `OPTION_INVALID` for fewer than two generations, or a size outside of [0, 1]
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: Model<'logits'>;
 * const run = await pasm(chain, { network: resnet, epochs: 60 }).build();
 * await run.fit({ seed: 7 }); // 180 epochs
 */
export function pasm<Classes extends number, N extends Model>(
  chain: Begun<Classes>,
  options: PasmOptions<N>,
): Composed<Classes, TeacherNode<N> | StudentNode<N>, GenerationName>;
export function pasm(
  chain: Begun,
  { network, epochs, generations: count = 3, size = 1 / 6, mode = 'mask', hears = 'original', weight = 1, temperature = 4, optimizer }: PasmOptions,
) {
  const stages = generationsOf(count, epochs);
  const taught = stages.slice(1).map(({ name }) => name);
  const look = original();
  return chain
    .teacher(network)
    .students({ student: network })
    .stages(stages)
    .use((all) => {
      if (size === 0) return all;
      const harder = mined({ by: 'teacher', size, mode });
      // What is compared has as many rows.
      return all.views({ student: [look, harder], teacher: [look, hears === 'original' ? look : harder] });
    })
    .supervise(crossEntropy(), { to: 'teacher', when: 'generation1' })
    .supervise(crossEntropy(), { to: 'student', when: taught })
    .distill(kd({ temperature }), { when: taught, weight })
    .optimize(optimizer ?? usualOptimizer(...stages.map((stage) => stage.epochs)));
}

import { CodistillError, type Model, type Optimizer, say, type Scheduled } from '@codistill/core';
import { attention, crossEntropy, kd } from '@codistill/losses';
import { fused, lowBit } from '@codistill/models';
import { minLogit, output } from '@codistill/nodes';
import { parameterGroups, sgd } from '@codistill/optimizers';
import type { Node } from '@codistill/pipeline';
import { cosine } from '@codistill/schedulers';
import type { Begun, Composed, StudentNode } from './composed.types.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * Options of {@link cmtkd}.
 *
 * @example
 * declare const resnet: Model<'logits' | 'tap:block1' | 'tap:block2' | 'tap:block3'>;
 * const options: CmtkdOptions = { network: resnet, bits: 2, teacherBits: [4, 6, 8] };
 */
export interface CmtkdOptions<N extends Model = Model> {
  /** The architecture of the student and of every teacher. */
  readonly network: N;
  /** Width of the student's weights and activations, 2 to 8; default 2, our choice. */
  readonly bits?: number;
  /** Widths of the teachers, at least two, all different and above the student's; default 4, 6 and 8, our choice. */
  readonly teacherBits?: readonly number[];
  /** The taps at which teachers are fused and the student is shown where to look, from the input on; default the blocks of a ResNet, as the paper takes the ends of blocks. */
  readonly at?: readonly [string, ...string[]];
  /** α, the weight of cross-entropy; default 1, as a third party transcribes the paper. */
  readonly labels?: Scheduled;
  /** β, the weight of the ensemble's target for both sides; default 0.5, as a third party transcribes the paper. */
  readonly predictions?: Scheduled;
  /** γ, the weight of attention at each fusion; default 100, as a third party transcribes the paper. That it belongs to the mean over positions is our choice. */
  readonly features?: Scheduled;
  /** τ; default 4, our choice. */
  readonly temperature?: Scheduled;
  /** Default: see `usualOptimizer`. */
  readonly optimizer?: Optimizer;
  /** Of π; default: `optimizer` where that is given, else SGD with momentum 0.9 at a tenth of the usual rate. That it is a tenth is as a third party transcribes the paper. */
  readonly importances?: Optimizer;
}

const insistHigher = (bits: number, teacherBits: readonly number[]): void => {
  const isFine = teacherBits.length >= 2 && new Set(teacherBits).size === teacherBits.length && teacherBits.every((width) => width > bits);
  if (!isFine) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('cmtkd', 'teacherBits', `[${teacherBits.join(', ')}]`, `at least two different widths above the student's ${bits}`));
  }
};

/**
 * Collaborative multi-teacher distillation for few bits: teachers of several widths run as one network that shares the learnt sum of their
 * maps, and a student of fewer bits learns from it at the same time; an ensemble of both sides teaches both.
 *
 * `L = α (CE(z_S, y) + CE(z_T, y)) + β τ² (KL(p ‖ p_S) + KL(p ‖ p_T)) + γ Σ_k mean (Q(F_k) − Q(A_k))²`, with the fusion `F_k = Σᵢ softmax(π_k)ᵢ A_kⁱ`,
 * which every teacher goes on from, the student's map A_k, Q their attention, and p of the logits `min(z_T − z_Ty, z_S − z_Sy)`; sources detached.
 *
 * Pham, Hoang & Do 2023, "Collaborative multi-teacher knowledge distillation for learning low bit-width deep neural networks", arXiv:2210.16103, as a
 * third party transcribes it. z_T the mean of the teachers' logits, τ and the quantiser (theirs is HWGQ) are our choice.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `network`, `bits`, `teacherBits`, `at`, weights
 * @returns the chain, to be built or added to; what is used is `student`, of which `toIntegers` makes integers
 * @throws CodistillError `OPTION_INVALID` for widths out of range, alike, or not above the student's
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: Model<'logits' | 'tap:block1' | 'tap:block2' | 'tap:block3'>;
 * const run = await cmtkd(chain, { network: resnet, bits: 2, teacherBits: [4, 6, 8] }).build();
 */
export function cmtkd<Classes extends number, N extends Model>(
  chain: Begun<Classes>,
  options: CmtkdOptions<N>,
): Composed<
  Classes,
  | Node<'teacher', 'logits' | `tap:fusion${number}` | `tap:${string}/${string}`, 'teacher', false>
  | StudentNode<N>
  | Node<'fusion', `tap:${string}`, 'derived', false>
  | Node<'target', 'logits', 'derived', false>
>;
export function cmtkd(
  chain: Begun,
  {
    network,
    bits = 2,
    teacherBits = [4, 6, 8],
    at = ['block1', 'block2', 'block3'],
    labels = 1,
    predictions = 0.5,
    features = 100,
    temperature = 4,
    optimizer: given,
    importances = given ?? sgd({ lr: cosine({ from: 0.01 }), momentum: 0.9, nesterov: true }),
  }: CmtkdOptions,
) {
  insistHigher(bits, teacherBits);
  const teachers = Object.fromEntries(teacherBits.map((width) => [`t${width}`, lowBit(network, { bits: width })]));
  const optimizer = given ?? usualOptimizer();
  const fusions: Readonly<Record<`tap:${string}`, `tap:fusion${number}`>> = Object.fromEntries(at.map((tap, index) => [`tap:${tap}`, `tap:fusion${index + 1}`]));
  return chain
    .teacher(fused(teachers, { at }))
    .students({ student: lowBit(network, { bits }) })
    .node('fusion', output({ of: 'teacher', emit: fusions }))
    .node('target', minLogit({ of: ['teacher', 'student'] }))
    .supervise(crossEntropy(), { weight: labels })
    .edge(kd({ temperature }), { from: 'target', to: ['teacher', 'student'], weight: predictions })
    .use((all) => at.reduce((soFar, tap) => soFar.edge(attention({ at: tap }), { from: 'fusion', to: 'student', weight: features }), all))
    .optimize({ default: optimizer, teacher: parameterGroups(optimizer, { fusion: importances }) });
}

import type { Ensembler, Model, Optimizer, Scheduled } from '@codistill/core';
import { meanProbabilities } from '@codistill/ensemblers';
import { crossEntropy, kd, mutualKl, rkdAngle, rkdDistance } from '@codistill/losses';
import { snapshot } from '@codistill/nodes';
import type { Begun, Composed, CopyNode, StudentNode } from './composed.types.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * Options of {@link ctslMkt}.
 *
 * @example
 * declare const resnet: Model<'logits' | 'tap:pooled'>;
 * const options: CtslMktOptions = { a: resnet, b: resnet, epochs: { alone: 60, together: 140 } };
 */
export interface CtslMktOptions<A extends Model = Model, B extends Model = Model> {
  /** The one peer. */
  readonly a: A;
  /** The other, of the same or another architecture. */
  readonly b: B;
  /** How long each learns alone, and then with the other. */
  readonly epochs: { readonly alone: number; readonly together: number };
  /** The tap whose relations are compared; default `'pooled'`, our choice. */
  readonly at?: string;
  /** α, the weight of cross-entropy; default 1, our choice. */
  readonly labels?: Scheduled;
  /** Weight of the distances between examples, from peer to peer; default 1, our choice. */
  readonly distances?: Scheduled;
  /** Weight of the angles, from peer to peer; default 2, our choice: the ratio of relational distillation's own code. */
  readonly angles?: Scheduled;
  /** Weight of predictions, from peer to peer; default 1, our choice. */
  readonly predictions?: Scheduled;
  /** γ, the weight of what each hears from itself as it was; default 1, our choice. */
  readonly self?: Scheduled;
  /** τ of that; default 4, our choice. */
  readonly temperature?: Scheduled;
  /** How the peers vote; default `meanProbabilities()`, our choice: the paper reports the better one. */
  readonly ensembler?: Ensembler<'logits'>;
  /** Default: `usualOptimizer`, beginning anew where they come together. */
  readonly optimizer?: Optimizer;
}

/**
 * Collaborative teacher–student learning via multiple knowledge transfer: two networks first learn alone, then from each other's
 * predictions and relations between examples, and each from a frozen copy of itself as it was before.
 *
 * `L_k = α CE(z_k, y) + [ L_distance + β₁ L_angle + β₂ KL(p_j ‖ p_k) ] + γ τ² KL(p̄_k ‖ p_k)`, p̄ the frozen self's.
 *
 * Sun, Gou, Yu, Du & Tao 2021, arXiv:2101.08471; terms as a third party reproduces them, without a τ² there; numbers are not known, and ours.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `a`, `b`, `epochs`, weights
 * @returns the chain, to be built or added to; `aAlone` and `bAlone` are the frozen selves
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: Model<'logits' | 'tap:pooled'>;
 * const run = await ctslMkt(chain, { a: resnet, b: resnet, epochs: { alone: 60, together: 140 } }).build();
 */
export function ctslMkt<Classes extends number, A extends Model, B extends Model>(
  chain: Begun<Classes>,
  options: CtslMktOptions<A, B>,
): Composed<Classes, StudentNode<A, 'a'> | StudentNode<B, 'b'> | CopyNode<A, 'aAlone'> | CopyNode<B, 'bAlone'>, 'alone' | 'together'>;
export function ctslMkt(
  chain: Begun,
  {
    a,
    b,
    epochs,
    at = 'pooled',
    labels = 1,
    distances = 1,
    angles = 2,
    predictions = 1,
    self = 1,
    temperature = 4,
    ensembler = meanProbabilities(),
    optimizer = usualOptimizer(epochs.alone, epochs.together),
  }: CtslMktOptions,
) {
  return chain
    .students({ a, b })
    .stages([
      { name: 'alone', epochs: epochs.alone },
      { name: 'together', epochs: epochs.together },
    ])
    .node('aAlone', snapshot({ of: 'a', at: 'together' }))
    .node('bAlone', snapshot({ of: 'b', at: 'together' }))
    .supervise(crossEntropy(), { weight: labels })
    .mutual(rkdDistance({ at }), { when: 'together', weight: distances })
    .mutual(rkdAngle({ at }), { when: 'together', weight: angles })
    .mutual(mutualKl(), { when: 'together', weight: predictions })
    .edge(kd({ temperature }), { from: 'aAlone', to: 'a', when: 'together', weight: self })
    .edge(kd({ temperature }), { from: 'bAlone', to: 'b', when: 'together', weight: self })
    .optimize(optimizer)
    .ensemble(ensembler);
}

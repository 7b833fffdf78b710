import type { Model, Named, Optimizer, Scheduled, View } from '@codistill/core';
import { crossEntropy, kd } from '@codistill/losses';
import { branches, type BranchesEmits } from '@codistill/models';
import { concatClassifier, ema, output } from '@codistill/nodes';
import { rampUp } from '@codistill/schedulers';
import type { Begun, Composed, CopyNode, DerivedNode, EmittedBy, StudentNode } from './composed.types.ts';
import { sharedBy } from './shared-by.ts';
import { byName, peersCalled, type SomePeer } from './some-peer.ts';
import { usualOptimizer } from './usual-optimizer.ts';
import { withNodes } from './with-nodes.ts';

/**
 * Options of {@link pcl}.
 *
 * @example
 * declare const resnet: Model<'logits' | 'tap:block2' | 'tap:pooled'>;
 * declare const view: View;
 * const options: PclOptions = { network: resnet, view, peers: ['p1', 'p2'] };
 */
export interface PclOptions<N extends Model = Model, Peer extends string = string> {
  /** The architecture of all peers, which are one network up to `from`. */
  readonly network: N;
  /** What each peer sees of the batch, by a draw of its own: an augmentation, such as `augment(flip(), crop({ padding: 4 }))`. */
  readonly view: View;
  /** Names of the peers, at least two; default `p1`, `p2`, `p3`: as many as in the reproduction. */
  readonly peers?: readonly Peer[];
  /** The tap behind which the network forks; default `'block2'`, where the reproduction forks its ResNets. */
  readonly from?: string;
  /** The tap whose features the ensemble classifies, side by side; default `'pooled'`, the reproduction. */
  readonly at?: string;
  /** Weight of what peers hear from their ensemble; default `rampUp({ epochs: 80 })`, the reproduction, which trains for 300. */
  readonly fromTeacher?: Scheduled;
  /** Weight of what peers hear from the means of the others, which share it; default `rampUp({ epochs: 80 })`, the reproduction. */
  readonly fromMeans?: Scheduled;
  /** φ, which grows to this number as `min(1 − 1/(step + 1), φ)`; default 0.999, the reproduction. */
  readonly decay?: number;
  /** τ; default 3, the reproduction. */
  readonly temperature?: Scheduled;
  /** Default: see `usualOptimizer`. */
  readonly optimizer?: Optimizer;
}

/**
 * Peer collaborative learning: branches of one network, each with a view of its own, learn from a classifier of all their features side by
 * side, and from the moving averages of the other branches.
 *
 * `L = CE(z_e, y) + Σ_i [ CE(z_i, y) + w(t) τ² KL(p_e ‖ p_i) + w(t) 1/(m − 1) Σ_{j≠i} τ² KL(p′_j ‖ p_i) ]`, `z_e = [f_1, …, f_m] K + b`, p′ the
 * mean copies', sources detached; `θ′ ← φ θ′ + (1 − φ) θ` after every step.
 *
 * Wu & Gong 2021, "Peer collaborative learning for online knowledge distillation", arXiv:2006.04147, with the numbers of a reproduction of it.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `network`, `view`, `peers`, `from`, `at`, weights, `decay`, `temperature`
 * @returns the chain, to be built or added to; `p1`, … are the branches of the network `net`, `p1Mean`, … those of its copy `mean`, `teacher` is the
 *   ensemble. Used in the end is a branch of the copy (`mean` is its first), or the ensemble
 * @throws CodistillError `MEMBERS_FEW` for fewer than two peers; from `branches` `TAP_MISSING`
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: Model<'logits' | 'tap:block2' | 'tap:pooled'>;
 * declare const view: View;
 * const run = await pcl(chain, { network: resnet, view }).build();
 */
export function pcl<Classes extends number, N extends Model, const Peer extends string = 'p1' | 'p2' | 'p3'>(
  chain: Begun<Classes>,
  options: PclOptions<N, Peer>,
): Composed<
  Classes,
  | StudentNode<Model<BranchesEmits<EmittedBy<N>, Peer>>, 'net'>
  | CopyNode<Model<BranchesEmits<EmittedBy<N>, Peer>>, 'mean'>
  | DerivedNode<Peer | `${Peer}Mean`, 'logits'>
  | DerivedNode<'teacher', 'logits'>
>;
export function pcl(
  chain: Begun,
  {
    network,
    view,
    peers = peersCalled('p1', 'p2', 'p3'),
    from = 'block2',
    at = 'pooled',
    fromTeacher = rampUp({ epochs: 80 }),
    fromMeans = rampUp({ epochs: 80 }),
    decay = 0.999,
    temperature = 3,
    optimizer = usualOptimizer(),
  }: PclOptions<Model, SomePeer>,
): unknown {
  const meanOf = (peer: SomePeer) => `${peer}Mean` as const;
  const branch = (of: 'net' | 'mean', peer: string, index: number) => output({ of, emit: { logits: `tap:${peer}/logits`, [`tap:${at}`]: `tap:${peer}/${at}` }, view: index });
  // An object of its own is a draw of its own; what is the same object is seen by both.
  const views = peers.map(() => ({ ...view }));
  return chain
    .students<Named<Model>>({ net: branches(network, { names: peers, from, views: true }) })
    .use(
      withNodes({
        mean: ema({ of: 'net', decay }),
        ...byName(peers, (peer, index) => branch('net', peer, index)),
        ...Object.fromEntries(peers.map((peer, index) => [meanOf(peer), branch('mean', peer, index)])),
        teacher: concatClassifier({ of: peers, at }),
      }),
    )
    .views({ net: views, mean: views })
    .supervise(crossEntropy(), { to: [...peers, 'teacher'] })
    .edge(kd({ temperature }), { from: 'teacher', to: peers, weight: fromTeacher })
    .use((all) =>
      peers.reduce((some, peer, index) => {
        const others = peers.toSpliced(index, 1).map(meanOf);
        return some.edge(kd({ temperature }), { from: others, to: peer, weight: sharedBy(others.length, fromMeans) });
      }, all),
    )
    .optimize(optimizer);
}

import type { Model, Named, Optimizer, Scheduled } from '@codistill/core';
import { crossEntropy, kd } from '@codistill/losses';
import { branches, type BranchesEmits } from '@codistill/models';
import { gated, output } from '@codistill/nodes';
import { rampUp } from '@codistill/schedulers';
import type { Begun, Composed, DerivedNode, EmittedBy, StudentNode } from './composed.types.ts';
import { byName, peersCalled, type SomePeer } from './some-peer.ts';
import { usualOptimizer } from './usual-optimizer.ts';
import { withNodes } from './with-nodes.ts';

/**
 * Options of {@link one}.
 *
 * @example
 * declare const resnet: Model<'logits' | 'tap:block2'>;
 * const options: OneOptions = { network: resnet, peers: ['p1', 'p2'] };
 */
export interface OneOptions<N extends Model = Model, Peer extends string = string> {
  /** The architecture of all branches, which are one network up to `from`. */
  readonly network: N;
  /** Names of the branches, at least two; default `p1`, `p2`, `p3`: as many as in the authors' code. */
  readonly peers?: readonly Peer[];
  /** The tap behind which the network forks, and which the gate reads; default `'block2'`, where the authors' code forks its ResNets. */
  readonly from?: string;
  /** w, the weight of what the branches hear from their ensemble; default `rampUp({ epochs: 80 })`, the authors' code, which trains for 300. */
  readonly weight?: Scheduled;
  /** τ; default 3, the authors' code. */
  readonly temperature?: Scheduled;
  /** Default: see `usualOptimizer`. */
  readonly optimizer?: Optimizer;
}

/**
 * On-the-fly native ensemble: branches of one network, mixed by a gate; the mixture is the teacher of each branch.
 *
 * `L = Σ_i CE(z_i, y) + CE(z_e, y) + w(t) Σ_i τ² KL(p_e ‖ p_i)`, `z_e = Σ_i g_i z_i`, p_e detached: the gate learns from its cross-entropy alone.
 *
 * Lan, Zhu & Gong 2018, "Knowledge distillation by on-the-fly native ensemble", arXiv:1806.04606, with the numbers of the authors' code.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `network`, `peers`, `from`, `weight`, `temperature`
 * @returns the chain, to be built or added to; `p1`, … are the branches of the network `net`, `teacher` is the gated ensemble. Used in the end is one
 *   branch, or the ensemble
 * @throws CodistillError `MEMBERS_FEW` for fewer than two peers; from `branches` `TAP_MISSING`
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: Model<'logits' | 'tap:block2'>;
 * const run = await one(chain, { network: resnet }).build();
 */
export function one<Classes extends number, N extends Model, const Peer extends string = 'p1' | 'p2' | 'p3'>(
  chain: Begun<Classes>,
  options: OneOptions<N, Peer>,
): Composed<
  Classes,
  StudentNode<Model<BranchesEmits<EmittedBy<N>, Peer>>, 'net'> | DerivedNode<Peer, 'logits'> | DerivedNode<'teacher', 'logits' | 'tap:gate'>
>;
export function one(
  chain: Begun,
  { network, peers = peersCalled('p1', 'p2', 'p3'), from = 'block2', weight = rampUp({ epochs: 80 }), temperature = 3, optimizer = usualOptimizer() }: OneOptions<Model, SomePeer>,
): unknown {
  return chain
    .students<Named<Model>>({ net: branches(network, { names: peers, from }) })
    .use(
      withNodes({
        ...byName(peers, (peer) => output({ of: 'net', emit: { logits: `tap:${peer}/logits` } })),
        teacher: gated({ of: peers, by: 'net', at: from }),
      }),
    )
    .supervise(crossEntropy(), { to: [...peers, 'teacher'] })
    .edge(kd({ temperature }), { from: 'teacher', to: peers, weight })
    .optimize(optimizer);
}

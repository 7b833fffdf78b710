import type { Model, Named, Optimizer, Schedule, Scheduled } from '@codistill/core';
import { ensembleOf, meanLogits } from '@codistill/ensemblers';
import { crossEntropy, kd } from '@codistill/losses';
import { branches, type BranchesEmits } from '@codistill/models';
import { attentive, output } from '@codistill/nodes';
import { rampUp } from '@codistill/schedulers';
import type { Begun, Composed, DerivedNode, EmittedBy, StudentNode } from './composed.types.ts';
import { byName, peersCalled, type SomePeer } from './some-peer.ts';
import { usualOptimizer } from './usual-optimizer.ts';
import { withNodes } from './with-nodes.ts';

/**
 * Options of {@link okddip}.
 *
 * @example
 * declare const resnet: Model<'logits' | 'tap:block2' | 'tap:pooled'>;
 * const options: OkddipOptions = { network: resnet, peers: ['p1', 'p2'] };
 */
export interface OkddipOptions<N extends Model = Model, Peer extends string = string, Apart extends boolean = boolean, Weight extends Scheduled = Scheduled> {
  /** The architecture of all peers and the leader. */
  readonly network: N;
  /** Names of the auxiliary peers, at least two; default `p1`, `p2`, `p3`: as many as in the authors' code. */
  readonly peers?: readonly Peer[];
  /** Whether each is a network of its own, as the authors' code has it too; default false: branches of one. */
  readonly apart?: Apart;
  /** The tap behind which that one forks; default `'block2'`, our choice: where PCL's reproduction and ONE's code fork their ResNets. */
  readonly from?: string;
  /** The tap by which peers are compared; default `'pooled'`, the authors' code. */
  readonly at?: string;
  /** By what the width of queries and keys is divided; default 8, the authors' code. */
  readonly reduce?: number;
  /** w, the weight of what peers and leader hear; default `rampUp({ epochs: 80 })`, the authors' code, which trains for 300. The constant 0 leaves the attention out. */
  readonly weight?: Weight;
  /** τ; default 3, the authors' code. */
  readonly temperature?: Scheduled;
  /** Default: see `usualOptimizer`. */
  readonly optimizer?: Optimizer;
}

/** Branches of a network, or networks. */
type Cohort<N extends Model, Name extends string, Apart extends boolean> = Apart extends true
  ? { [Each in Name]: StudentNode<N, Each> }[Name]
  : StudentNode<Model<BranchesEmits<EmittedBy<N>, Name>>, 'net'> | DerivedNode<Name, 'logits'>;

/** What peers hear, where they hear anything. */
type Targets<Peer extends string, Weight extends Scheduled> = Weight extends 0
  ? never
  : DerivedNode<'attention', `tap:${Peer}/target`> | DerivedNode<`${Peer}Target`, 'logits'>;

/**
 * Online distillation with diverse peers: each auxiliary peer learns from a mixture of all of them, weighed by an attention of its own, so
 * that they stay different; the group leader learns from their mean, and is what is used in the end.
 *
 * `L = Σ_a CE(z_a, y) + CE(z_l, y) + w(t) [ Σ_a τ² KL(p(t_a) ‖ p_a) + τ² KL(p(z̄) ‖ p_l) ]`, `t_a = Σ_b A_ab z_b`, `A = softmax_b( (Q f_a) · (K f_b) )`,
 * z̄ the mean of the peers' logits. Nothing is detached: Q and K learn through the loss of distillation alone.
 *
 * Chen, Mei, Wang, Feng & Chen 2020, "Online knowledge distillation with diverse peers", arXiv:1912.00350, with the numbers of the authors' code.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `network`, `peers`, `apart`, `from`, `at`, `reduce`, `weight`, `temperature`
 * @returns the chain, to be built or added to; `p1`, … and `leader` are branches of the network `net`, or networks; `p1Target`, … what peers hear,
 *   made by `attention`, and `mean` what the leader hears
 * @throws CodistillError `MEMBERS_FEW` for fewer than two peers, `OPTION_INVALID`; from `branches` `TAP_MISSING`
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: Model<'logits' | 'tap:block2' | 'tap:pooled'>;
 * const branched = await okddip(chain, { network: resnet }).build();
 * const networks = await okddip(chain, { network: resnet, apart: true }).build();
 */
export function okddip<
  Classes extends number,
  N extends Model,
  const Peer extends string = 'p1' | 'p2' | 'p3',
  const Apart extends boolean = false,
  const Weight extends Scheduled = Schedule,
>(
  chain: Begun<Classes>,
  options: OkddipOptions<N, Peer, Apart, Weight>,
): Composed<Classes, Cohort<N, Peer | 'leader', Apart> | Targets<Peer, Weight> | DerivedNode<'mean', 'logits'>>;
export function okddip(
  chain: Begun,
  {
    network,
    peers = peersCalled('p1', 'p2', 'p3'),
    apart = false,
    from = 'block2',
    at = 'pooled',
    reduce = 8,
    weight = rampUp({ epochs: 80 }),
    temperature = 3,
    optimizer = usualOptimizer(),
  }: OkddipOptions<Model, SomePeer>,
): unknown {
  const all = [...peers, 'leader'] as const;
  const targetOf = (peer: SomePeer) => `${peer}Target` as const;
  const taught = weight === 0 ? [] : peers;
  return chain
    .students<Named<Model>>(apart ? byName(all, () => network) : { net: branches(network, { names: all, from }) })
    .use(
      withNodes({
        ...byName(apart ? [] : all, (name) => output({ of: 'net', emit: { logits: `tap:${name}/logits`, [`tap:${at}`]: `tap:${name}/${at}` } })),
        ...(taught.length > 0 ? { attention: attentive({ of: peers, at, reduce }) } : {}),
        ...Object.fromEntries(taught.map((peer) => [targetOf(peer), output({ of: 'attention', emit: { logits: `tap:${peer}/target` } })])),
        mean: ensembleOf(meanLogits(), { of: peers }),
      }),
    )
    .supervise(crossEntropy(), { to: all })
    .use((cohort) => taught.reduce((some, peer) => some.edge(kd({ temperature }), { from: targetOf(peer), to: peer, weight, gradient: 'both' }), cohort))
    .edge(kd({ temperature }), { from: 'mean', to: 'leader', weight, gradient: 'both' })
    .optimize(optimizer);
}

import { defineTerm, type Term } from '@codistill/core';
import { kl } from './kl.ts';

/**
 * Mutual learning: `KL( softmax(z_j) ‖ softmax(z_k) )` from peer j to peer k, without a temperature.
 * Zhang, Xiang, Hospedales & Lu 2018, "Deep mutual learning".
 *
 * The same numbers as `kd()`, under the name the field uses. How the peers' terms are combined is not the term's business:
 * `.mutual(mutualKl())` takes their mean, `1/(N − 1)` each, where the authors' published code sums them; for two peers the
 * two agree. Peers are detached by the edge.
 *
 * @returns a term on logits `[batch, classes]` or `[batch, height, width, classes]`, of value `[batch]`
 * @example
 * const betweenPeers = mutualKl();
 */
export const mutualKl = (): Term<'mutualKl', 'node', 'logits', never> =>
  defineTerm({
    package: '@codistill/losses',
    name: 'mutualKl',
    from: 'node',
    needs: ['logits'],
    compute: (learner, peer, context) => kl(context.logSoftmax(peer.logits), context.logSoftmax(learner.logits)),
  });

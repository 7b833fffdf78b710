import { CodistillError, type Readings, say, type TermContext } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';

/**
 * log softmax of each member's logits. To be called outside of any `tidy`: the engine shares these tensors with the loss terms,
 * owns them, and may be making them just now.
 *
 * @param ensembler - its name, for the sentence
 * @returns one tensor per member, not to be disposed
 * @throws CodistillError `NO_MEMBERS` where there is none
 */
export const logProbabilities = (
  ensembler: string,
  members: readonly Readings<'logits'>[],
  context: Pick<TermContext, 'logSoftmax'>,
): tf.Tensor[] => {
  if (members.length === 0) throw new CodistillError('NO_MEMBERS', say.ensembles.noMembers(ensembler));
  return members.map(({ logits }) => context.logSoftmax(logits));
};

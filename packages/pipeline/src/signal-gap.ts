import { CodistillError, say, type Signal } from '@codistill/core';
import { type Draft, emitsOf, findNode } from './draft.ts';

/**
 * Refuses a reader of signals that one of the nodes does not emit.
 *
 * @param reader - who reads, as the sentence calls it: `loss 'hint'`
 * @param needs - the signals it reads
 * @param nodes - the nodes it reads them from
 * @throws CodistillError SIGNAL_MISSING
 * @example
 * const check = (draft: Draft): void => { refuseSignalGap(draft, "loss 'hint'", ['tap:pooled'], ['small']); };
 */
export const refuseSignalGap = (draft: Draft, reader: string, needs: readonly Signal[], nodes: readonly string[]): void => {
  for (const name of nodes) {
    const node = findNode(draft, name);
    const emits = node === undefined ? [] : emitsOf(node);
    const missing = needs.find((signal) => !emits.includes(signal));
    if (missing !== undefined) throw new CodistillError('SIGNAL_MISSING', say.compose.signalMissing(reader, missing, name));
  }
};

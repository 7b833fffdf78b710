/**
 * What a term reads that compares a tap, or the logits where no tap is named.
 *
 * @example
 * const tap: SignalAt<'pooled'> = 'tap:pooled';
 */
export type SignalAt<At extends string> = [At] extends [never] ? 'logits' : `tap:${At}`;

/**
 * The signal of a tap; without one, the logits.
 *
 * @example
 * signalAt('pooled'); // 'tap:pooled'
 * signalAt(); // 'logits'
 */
export const signalAt = <At extends string = never>(at?: At): SignalAt<At> => (at === undefined ? 'logits' : `tap:${at}`) as SignalAt<At>;

import { type View, defineView } from '@codistill/core/host';

/**
 * The batch as it is. For a node that sees it beside other views, which are stacked along the batch axis:
 * `.views({ student: [original(), flip()] })`.
 *
 * @returns a view that changes nothing
 * @example
 * const views = [original(), flip()];
 */
export const original = (): View => defineView({ package: '@codistill/data', name: 'original' }, (batch) => ({ ...batch }));

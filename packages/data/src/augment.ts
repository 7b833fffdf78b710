import { type View, defineView, fold } from '@codistill/core/host';

/**
 * Several views, one after the other, as one.
 *
 * @param views - applied in this order, each with a key of its own
 * @example
 * const view = augment(flip(), crop({ padding: 4 }), cutout({ size: 8 }));
 */
export const augment = (...views: readonly View[]): View =>
  defineView({ package: views.some((view) => view.package === 'local') ? 'local' : '@codistill/data', name: 'augment', options: { views } }, (batch, key) =>
    views.reduce((seen, view, index) => view.apply(seen, fold(key, index)), batch),
  );

import { CodistillError, type Key, type Model, say, type Signal, type Site } from '@codistill/core';
import { disposeLayers } from './dispose-layers.ts';
import type { LayersNetwork } from './network.ts';
import { type Regrown, regrow } from './regrow.ts';

/** With what a network is made of others. */
export interface Making {
  /** Builds a network to copy from, which is disposed in the end. */
  build<Emits extends Signal>(model: Model<Emits>, site: Site, key: Key): LayersNetwork<Emits>;
  /** Copies layers; the copies are disposed if making fails. */
  readonly regrow: typeof regrow;
}

/**
 * Makes a network of copies of others' layers.
 *
 * @param part - who makes it
 * @param make - returns what is made
 * @throws CodistillError `MODEL_OPAQUE` where a model is not built by {@link network}; what `build` and `make` throw
 */
export const madeOf = <T>(part: string, make: (making: Making) => T): T => {
  const built: LayersNetwork[] = [];
  const grown: Regrown[] = [];
  const making: Making = {
    build: (model, site, key) => {
      const inner = model.build(site, key) as LayersNetwork;
      if (!('signals' in inner) || !('changes' in inner)) {
        (inner as { dispose(): void }).dispose();
        throw new CodistillError('MODEL_OPAQUE', say.models.modelOpaque(part, model.name));
      }
      built.push(inner);
      return inner;
    },
    regrow: (...of) => {
      const again = regrow(...of);
      grown.push(again);
      return again;
    },
  };
  try {
    return make(making);
  } catch (error) {
    for (const again of grown) again.copies().forEach(disposeLayers);
    throw error;
  } finally {
    for (const inner of built) inner.dispose();
  }
};

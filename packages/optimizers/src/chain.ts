import { CodistillError, defineOptimizer, type HostArray, type Optimizer, type Part, say, type Scheduled } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { gather, type Labelled, seenBy } from './labelled.ts';
import { below } from './slots.ts';
import type { Transform, Transformed } from './transform.ts';

const linksOf = (parts: readonly Part[]): readonly Labelled[] =>
  parts.map((part, index) => {
    const earlier = parts.slice(0, index).filter(({ name }) => name === part.name).length;
    return { label: earlier === 0 ? part.name : `${part.name}#${earlier + 1}`, part };
  });

const isOptimizer = (link: Labelled): link is Labelled<Optimizer> => 'update' in link.part;
const isTransform = (link: Labelled): link is Labelled<Transform> => 'transform' in link.part;

/**
 * Strings transforms together and ends with an optimizer, which may be a chain itself:
 * `chain(clipByGlobalNorm({ max: 1 }), sgd({ lr: 0.1 }))` clips the gradients and then does as `sgd` does.
 *
 * Slots and scalars of the parts carry the part's name: `trace/v/<parameter>`, `descend/lr`, `sgd/descend/lr`; a second part of one
 * name is called `trace#2`. The chain's own work is no operation on tensors.
 *
 * @param parts - transforms, then one optimizer
 * @returns an optimizer whose `update` gives its results away and leaves nothing else behind
 * @throws CodistillError `CHAIN_ORDER` where a transform stands last, an optimizer does not, or nothing does
 * @example
 * const clipped = chain(clipByGlobalNorm({ max: 1 }), adamw({ lr: 3e-4 }));
 * const byHand = chain(scaleByAdam(), addDecayedWeights({ weightDecay: 0.01 }), descend({ lr: 3e-4 }));
 */
export const chain = (...parts: readonly [...(readonly Transform[]), Optimizer]): Optimizer => {
  const links = linksOf(parts);
  const transforms = links.slice(0, -1).filter(isTransform);
  const [last] = links.slice(-1).filter(isOptimizer);
  if (last === undefined || transforms.length < links.length - 1) {
    const misplaced = links.find((link, index) => (index < links.length - 1 ? !isTransform(link) : !isOptimizer(link)));
    throw new CodistillError('CHAIN_ORDER', say.optimizers.chainOrder(misplaced?.label));
  }
  const all = [...transforms, last];

  return defineOptimizer({
    package: '@codistill/optimizers',
    name: 'chain',
    options: { of: parts },
    scalars: gather<Labelled<Transform | Optimizer>, Scheduled>(all, ({ part }) => part.scalars),
    init: (parameters) => gather<Labelled<Transform | Optimizer>, HostArray>(all, ({ part }) => part.init(parameters)),
    update: (update) =>
      tf.tidy(() => {
        const before = transforms.reduce<Transformed>(
          ({ gradients, slots }, { label, part }) => {
            const made = part.transform(seenBy(label, update, gradients));
            return { gradients: { ...gradients, ...made.gradients }, slots: { ...slots, ...below(label, made.slots) } };
          },
          { gradients: update.gradients, slots: {} },
        );
        const { parameters, slots } = last.part.update(seenBy(last.label, update, before.gradients));
        return { parameters, slots: { ...before.slots, ...below(last.label, slots) } };
      }),
  });
};

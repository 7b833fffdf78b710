import { CodistillError, defineOptimizer, type HostArray, type Named, type Optimizer, say, type Scheduled } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { gather, type Labelled, seenBy } from './labelled.ts';

/** An optimizer and the parameters that it moves. */
interface Group extends Labelled<Optimizer> {
  readonly has: (parameter: string) => boolean;
}

const inGroup = <T>({ has }: Group, record: Named<T>): Record<string, T> => Object.fromEntries(Object.entries(record).filter(([parameter]) => has(parameter)));

/** Whether one text is in the other in whole words, which slashes and underscores divide. */
const isWithin = (part: string, name: string): boolean => {
  const [words, all] = [part, name].map((text) => `_${text.replaceAll('/', '_')}_`) as [string, string];
  return all.includes(words);
};

/**
 * An optimizer of its own for some parameters of a node, as PyTorch's parameter groups: a lower rate for what has learnt before, no weight
 * decay for biases.
 *
 * A parameter belongs to the first group whose name is found in its own, in whole words, which slashes and underscores divide: `block1`
 * has `block1_unit1_conv1/kernel` and nothing of `block10`, `bias` has every `…/bias`. A group that no parameter of a node belongs to does
 * nothing there. What clips by a norm inside of a group takes the norm of that group; {@link chain} it before all groups to take that of
 * the node. The groups' own work is no operation on tensors.
 *
 * @param rest - moves the parameters of no group
 * @param groups - by what is found in parameters' names
 * @returns an optimizer whose `update` gives its results away and leaves nothing else behind
 * @throws CodistillError `OPTION_INVALID` for a group without a name
 * @example
 * const fine = parameterGroups(sgd({ lr: 0.1, momentum: 0.9 }), { block1: sgd({ lr: 0.01, momentum: 0.9 }) });
 * const undecayed = parameterGroups(adamw({ lr: 3e-4 }), { bias: adamw({ lr: 3e-4, weightDecay: 0 }) });
 */
export const parameterGroups = (rest: Optimizer, groups: Readonly<Record<string, Optimizer>>): Optimizer => {
  const names = Object.keys(groups);
  if (names.includes('')) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('parameterGroups', 'a group', '', "what is found in parameters' names"));
  const groupOf = (parameter: string): string | undefined => names.find((name) => isWithin(name, parameter));
  const all: readonly Group[] = [
    { label: 'rest', part: rest, has: (parameter) => groupOf(parameter) === undefined },
    ...Object.entries(groups).map(([name, part]) => ({ label: `of/${name}`, part, has: (parameter: string) => groupOf(parameter) === name })),
  ];

  return defineOptimizer({
    package: '@codistill/optimizers',
    name: 'parameterGroups',
    options: { rest, groups: names, of: Object.values(groups) },
    scalars: gather<Group, Scheduled>(all, ({ part }) => part.scalars),
    init: (parameters) => gather<Group, HostArray>(all, (group) => group.part.init(inGroup(group, parameters))),
    update: (update) =>
      tf.tidy(() => {
        const moved = all.filter((group) => Object.keys(update.gradients).some(group.has));
        const updated = moved.map((group) => ({
          label: group.label,
          part: group.part,
          made: group.part.update({ ...seenBy(group.label, update, inGroup(group, update.gradients)), parameters: inGroup(group, update.parameters) }),
        }));
        return { parameters: Object.fromEntries(updated.flatMap(({ made }) => Object.entries(made.parameters))), slots: gather(updated, ({ made }) => made.slots) };
      }),
  });
};

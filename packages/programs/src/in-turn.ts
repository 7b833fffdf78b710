import { defineProgram, type Program } from '@codistill/core';

/**
 * Nodes learn one after the other: each hears the others' *updated* networks, at the price of a forward pass of all for every one.
 *
 * For each learner, in the order they were defined: losses that end at it, its gradient, its update. It is the order of the algorithm
 * and of the authors' code of deep mutual learning (Zhang et al. 2018, arXiv:1706.00384), but for the batch, which is the same for all
 * here. Updating one after the other from *one* forward pass would give what the joint step does, bit for bit.
 *
 * @returns a program without phases
 * @example
 * const sequential = inTurn();
 */
export const inTurn = (): Program =>
  defineProgram({
    package: '@codistill/programs',
    name: 'inTurn',
    step: ({ learners, gradients, apply }) => {
      for (const learner of learners) apply(gradients({ edges: ({ to, phase }) => to === learner && phase === undefined, parameters: (node) => node === learner }));
    },
  });

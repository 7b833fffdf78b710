import { type Ensembler, freeTapeOnThrow } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { hostReads } from '../host-reads.ts';
import { insist, type Law } from '../law.ts';
import { Lender, combined, free, sample } from './ensembler-bench.ts';

const isPure = (ensembler: Ensembler<'logits'>, most: number): Law => ({
  name: 'is pure: the same again, and its members unchanged',
  check: async () => {
    const inputs = sample(most, [4, 5]);
    const before = await Promise.all(inputs.map((input) => input.data()));
    const first = await combined(ensembler, inputs);
    insist(
      inputs.every((input) => !input.isDisposed),
      () => 'it disposed a member’s logits, which are not its own',
    );
    const second = await combined(ensembler, inputs);
    insist(first.values.join() === second.values.join(), () => 'combining the same members twice gave different logits');
    const after = await Promise.all(inputs.map((input) => input.data()));
    insist(before.every((values, i) => values.join() === after[i]?.join()), () => 'it changed a member’s logits');
    free(inputs);
  },
});

const keepsNothing = (ensembler: Ensembler<'logits'>, most: number): Law => ({
  name: 'keeps no tensor but its result, disposes none that the engine lends it, and reads no value',
  check: () => {
    const inputs = sample(most, [4, 5]);
    const lender = new Lender();
    const before = tf.memory().numTensors;
    const { result, reads } = hostReads(() =>
      ensembler.combine(
        inputs.map((logits) => ({ logits })),
        lender,
      ),
    );
    const kept = tf.memory().numTensors - before - lender.lent.size;
    insist(
      [...lender.lent.values()].every((tensor) => !tensor.isDisposed),
      () => 'it disposed log-probabilities that belong to the engine: call context.logSoftmax outside of tf.tidy',
    );
    insist(reads === 0, () => `it read ${reads} value${reads === 1 ? '' : 's'} on the host, which a recorded step cannot: use tensor operations`);
    insist(kept === 1, () => `it kept ${kept} tensors where its one result was expected`);
    result.logits.dispose();
    lender.end();
    free(inputs);
  },
});

const letsGradientsThrough = (ensembler: Ensembler<'logits'>, most: number): Law => ({
  name: 'lets finite gradients through to its members, or none',
  check: async () => {
    const inputs = sample(most, [4, 5]);
    const variables = inputs.map((input) => tf.variable(input));
    try {
      // a member may have no gradient at all (a weight of 0): then it is missing from the answer, not an error
      const { value, grads } = freeTapeOnThrow(() => tf.variableGrads(() => {
        const { logits } = ensembler.combine(
          variables.map((variable) => ({ logits: variable })),
          { logSoftmax: (z) => tf.logSoftmax(z) },
        );
        return tf.logSoftmax(logits).square().sum();
      }, variables));
      const gradients = Object.values(grads as Record<string, tf.Tensor | null>).filter((gradient) => gradient !== null);
      for (const gradient of gradients) {
        insist((await gradient.data()).every(Number.isFinite), () => 'the gradient into a member is not finite');
      }
      value.dispose();
      free(gradients);
    } finally {
      // no scope frees variables
      free(variables);
    }
    free(inputs);
  },
});

const readsLogitsOnly = (ensembler: Ensembler<'logits'>, most: number): Law => ({
  name: 'reads nothing but logits',
  check: () => {
    const inputs = sample(most, [4, 5]);
    const lender = new Lender();
    const guarded = inputs.map(
      (logits) =>
        new Proxy(
          { logits },
          {
            get: (target, signal) => {
              insist(signal === 'logits', () => `it reads '${String(signal)}' but declares only logits`);
              return target.logits;
            },
          },
        ),
    );
    ensembler.combine(guarded, lender).logits.dispose();
    lender.end();
    free(inputs);
  },
});

/**
 * What an engine relies on.
 *
 * @param most - members
 */
export const contractLaws = (ensembler: Ensembler<'logits'>, most: number): readonly Law[] => [
  isPure(ensembler, most),
  keepsNothing(ensembler, most),
  letsGradientsThrough(ensembler, most),
  readsLogitsOnly(ensembler, most),
];

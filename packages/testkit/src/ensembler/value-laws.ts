import type { Ensembler } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insist, type Law } from '../law.ts';
import { apart, argmax, combined, free, sample, softmax } from './ensembler-bench.ts';

const givesProbabilities = (ensembler: Ensembler<'logits'>, members: readonly number[]): Law => ({
  name: 'gives finite logits of the members’ shape whose probabilities sum to 1, for 2 and 100 classes, for rows and for masks',
  check: async () => {
    for (const n of members) {
      for (const shape of [[3, 2], [3, 100], [2, 3, 3, 4]]) {
        const inputs = sample(n, shape);
        const { shape: got, values } = await combined(ensembler, inputs);
        const classes = shape.at(-1) ?? 0;
        insist(got.join() === shape.join(), () => `combining ${n} tensors [${shape.join()}] gave [${got.join()}], not the same shape`);
        insist(values.every(Number.isFinite), () => `combining ${n} tensors [${shape.join()}] gave a logit that is not finite`);
        const p = softmax(values, classes);
        for (let row = 0; row < p.length; row += classes) {
          const sum = p.slice(row, row + classes).reduce((total, x) => total + x, 0);
          insist(Math.abs(sum - 1) < 1e-6, () => `the probabilities of row ${row / classes} sum to ${sum}`);
        }
        free(inputs);
      }
    }
  },
});

const staysFinite = (ensembler: Ensembler<'logits'>, most: number): Law => ({
  name: 'stays finite for logits of ±10000',
  check: async () => {
    const inputs = Array.from({ length: most }, (_, i) =>
      tf.tensor2d([
        [1e4, -1e4, 0],
        i % 2 === 0 ? [1e4, -1e4, -1e4] : [-1e4, 1e4, -1e4],
        [-1e4, -1e4, -1e4],
      ]),
    );
    const { values } = await combined(ensembler, inputs);
    insist(values.every(Number.isFinite), () => `logits of ±10000 gave ${values.join(', ')}`);
    free(inputs);
  },
});

const agreesWithIdenticalMembers = (ensembler: Ensembler<'logits'>, members: readonly number[]): Law => ({
  name: 'predicts what its members predict where they are identical',
  check: async () => {
    for (const n of members) {
      const [one] = sample(1, [8, 5]);
      if (one === undefined) return;
      const alone = argmax(await one.data(), 5);
      const { values } = await combined(
        ensembler,
        Array.from({ length: n }, () => one),
      );
      insist(argmax(values, 5).join() === alone.join(), () => `${n} identical members predict ${alone.join()}, but their ensemble ${argmax(values, 5).join()}`);
      one.dispose();
    }
  },
});

const ignoresOrder = (ensembler: Ensembler<'logits'>, members: readonly number[]): Law => ({
  name: 'does not care in which order its members come',
  check: async () => {
    for (const n of members) {
      const inputs = sample(n, [16, 5]);
      const forward = softmax((await combined(ensembler, inputs)).values, 5);
      const turned = softmax((await combined(ensembler, [...inputs.slice(1), ...inputs.slice(0, 1)])).values, 5);
      insist(apart(forward, turned) < 1e-5, () => `with ${n} members in another order, a probability changed by ${apart(forward, turned)}`);
      free(inputs);
    }
  },
});

/**
 * What an ensembler's predictions must be.
 *
 * @param members - how many to try
 * @param orderMatters - whether each member has a place of its own
 */
export const valueLaws = (ensembler: Ensembler<'logits'>, members: readonly number[], orderMatters: boolean): readonly Law[] => [
  givesProbabilities(ensembler, members),
  staysFinite(ensembler, Math.max(...members)),
  agreesWithIdenticalMembers(ensembler, members),
  ...(orderMatters ? [] : [ignoresOrder(ensembler, members)]),
];

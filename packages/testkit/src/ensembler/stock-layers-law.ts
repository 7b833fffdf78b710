import type { Ensembler } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insist, type Law } from '../law.ts';
import { apart, combined, free, sample, softmax } from './ensembler-bench.ts';

/** The exported predictor is the one that was trained and measured. */
export const sameInStockLayers = (ensembler: Ensembler<'logits'>, layers: NonNullable<Ensembler['layers']>, members: readonly number[]): Law => ({
  name: 'says the same in stock layers, which plain tfjs saves and loads',
  check: async () => {
    for (const n of members) {
      for (const shape of [[5], [2, 2, 3]]) {
        const inputs = sample(n, [4, ...shape]);
        const expected = softmax((await combined(ensembler, inputs)).values, shape.at(-1) ?? 0);
        const symbols = inputs.map(() => tf.input({ shape }));
        const model = tf.model({ inputs: symbols, outputs: layers(symbols) });
        const artifacts: tf.io.ModelArtifacts[] = [];
        await model.save(
          tf.io.withSaveHandler((saved) => {
            artifacts.push(saved);
            return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
          }),
        );
        const [saved] = artifacts;
        insist(saved !== undefined, () => 'the stock layers could not be saved');
        const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
        const predicted = loaded.predict(inputs) as tf.Tensor;
        const gap = apart(expected, [...(await predicted.data())]);
        insist(gap < 1e-5, () => `the stock layers and combine differ by ${gap} in a probability, for ${n} members of shape [${shape.join()}]`);
        predicted.dispose();
        model.dispose();
        loaded.dispose();
        free(inputs);
      }
    }
  },
});

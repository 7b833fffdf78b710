import { fold, key, type Model, type Network, normal, type Readings, type Signal, type Site, sizeOf } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/** A model, what to try it with, and how it is called in sentences. */
export interface ModelBench {
  readonly model: Model;
  readonly subject: string;
  readonly sites: readonly Site[];
  readonly batch: number;
}

/** Names as a sentence lists them. */
export const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.map((name) => `'${name}'`).join(', '));

/** A batch of the site, the same each time. */
export const examples = ({ input }: Site, batch: number): tf.Tensor => tf.tensor(normal(fold(key(3), 'examples', batch), batch * sizeOf(input)), [batch, ...input]);

/** The key of a step. */
export const drawsOf = (step: number): tf.Tensor1D => tf.tensor1d([7, step], 'int32');

/** Values by name, on the host. */
export type Values = Readonly<Record<string, Float32Array>>;

/** Reads tensors. */
export const valuesOf = async (tensors: Readonly<Record<string, tf.Tensor>>): Promise<Values> => {
  const entries = await Promise.all(Object.entries(tensors).map(async ([name, tensor]) => [name, Float32Array.from(await tensor.data())] as const));
  return Object.fromEntries(entries);
};

/** The first name whose values differ in a bit. */
export const difference = (a: Values, b: Values): string | undefined =>
  Object.keys(a).find((name) => (a[name] ?? []).some((value, index) => !Object.is(value, b[name]?.[index])));

/** One pass: in inference, or a training step with the key of that step. */
export const readOnce = async (network: Network, signals: readonly Signal[], input: tf.Tensor, step?: number): Promise<Values> => {
  const draws = step === undefined ? undefined : drawsOf(step);
  const readings: Readings = network.read(input, signals, draws === undefined ? { training: false } : { training: true, key: draws });
  const values = await valuesOf(readings);
  tf.dispose([readings, draws]);
  return values;
};

/** Runs a check on a network at each site, which is disposed whatever happens. */
export const atEachSite =
  ({ sites, model, batch }: ModelBench, check: (network: Network, input: tf.Tensor, site: Site) => void | Promise<void>) =>
  async (): Promise<void> => {
    for (const site of sites) {
      const network = model.build(site, key(1));
      const input = examples(site, batch);
      try {
        await check(network, input, site);
      } finally {
        input.dispose();
        network.dispose();
      }
    }
  };

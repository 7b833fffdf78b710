import { type Ensembler, fold, key, normal, type TermContext } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { hostReads } from './host-reads.ts';
import { jsonLaw } from './json-law.ts';
import { insist, type Law, testLaws } from './law.ts';

/**
 * What the laws should know of an ensembler.
 *
 * @example
 * const twoWeights: EnsemblerLawOptions = { members: [2], orderMatters: true };
 */
export interface EnsemblerLawOptions {
  /** How many members to try; default 1, 2 and 5. */
  readonly members?: readonly number[];
  /** Whether each member has a place of its own (weights); default false. */
  readonly orderMatters?: boolean;
}

/** Lends log-probabilities as an engine does: made on demand, shared, kept until the step is over. */
class Lender implements Pick<TermContext, 'logSoftmax'> {
  readonly lent: Map<number, tf.Tensor> = new Map<number, tf.Tensor>();

  logSoftmax(logits: tf.Tensor, temperature?: tf.Scalar): tf.Tensor {
    const known = this.lent.get(logits.id);
    if (known !== undefined && temperature === undefined) return known;
    const made = tf.logSoftmax(temperature === undefined ? logits : logits.div(temperature));
    this.lent.set(temperature === undefined ? logits.id : -made.id, made);
    return made;
  }

  end(): void {
    for (const tensor of this.lent.values()) tensor.dispose();
    this.lent.clear();
  }
}

/** Members' logits, `spread` wide, the same for the same arguments. */
const sample = (members: number, shape: readonly number[], spread = 2): tf.Tensor[] => {
  const size = shape.reduce((product, length) => product * length, 1);
  return Array.from({ length: members }, (_, i) =>
    tf.tensor(
      normal(fold(key(17), 'member', i), size).map((x) => x * spread),
      [...shape],
    ),
  );
};

/** The combined logits of `members`, read out; everything but the members is disposed again. */
const combined = async (ensembler: Ensembler<'logits'>, members: readonly tf.Tensor[]): Promise<{ shape: readonly number[]; values: Float32Array }> => {
  const lender = new Lender();
  const { logits } = ensembler.combine(
    members.map((logits) => ({ logits })),
    lender,
  );
  const values = Float32Array.from(await logits.data());
  const { shape } = logits;
  logits.dispose();
  lender.end();
  return { shape, values };
};

/** float64 softmax of each row. */
const softmax = (values: ArrayLike<number>, classes: number): number[] =>
  Array.from({ length: values.length / classes }, (_, row) => {
    const logits = Array.from({ length: classes }, (__, c) => values[row * classes + c] ?? Number.NaN);
    const top = Math.max(...logits);
    const exps = logits.map((z) => Math.exp(z - top));
    const sum = exps.reduce((total, e) => total + e, 0);
    return exps.map((e) => e / sum);
  }).flat();

const argmax = (values: ArrayLike<number>, classes: number): number[] =>
  Array.from({ length: values.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if ((values[row * classes + c] ?? 0) > (values[row * classes + best] ?? 0)) best = c;
    return best;
  });

const apart = (a: readonly number[], b: readonly number[]): number => Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN))));

const free = (tensors: readonly tf.Tensor[]): void => {
  for (const tensor of tensors) tensor.dispose();
};

/**
 * What must hold of every ensembler that combines logits, on the backend that is active when the laws are checked.
 *
 * @param ensembler - the one under test
 * @returns laws for {@link testLaws}; each leaves as many tensors as it found
 * @example
 * declare const mean: Ensembler<'logits'>;
 * console.log(ensemblerLaws(mean).map((law) => law.name));
 */
export const ensemblerLaws = (
  ensembler: Ensembler<'logits'>,
  { members = [1, 2, 5], orderMatters = false }: EnsemblerLawOptions = {},
): readonly Law[] => {
  const most = Math.max(...members);
  const laws: Law[] = [
    jsonLaw(ensembler, `ensembler '${ensembler.name}'`),
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
      name: 'lets finite gradients through to its members, or none',
      check: async () => {
        const inputs = sample(most, [4, 5]);
        const variables = inputs.map((input) => tf.variable(input));
        try {
          // a member may have no gradient at all (a weight of 0): then it is missing from the answer, not an error
          const { value, grads } = tf.variableGrads(() => {
            const { logits } = ensembler.combine(
              variables.map((variable) => ({ logits: variable })),
              { logSoftmax: (z) => tf.logSoftmax(z) },
            );
            return tf.logSoftmax(logits).square().sum();
          }, variables);
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
    },
    {
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
    },
  ];

  if (!orderMatters) {
    laws.push({
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
  }

  const { layers } = ensembler;
  if (layers !== undefined) {
    laws.push({
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
  }
  return laws;
};

/**
 * Tests an ensembler against {@link ensemblerLaws} with the test runner whose `describe` and `it` are global.
 *
 * @example
 * declare const mean: Ensembler<'logits'>;
 * testEnsembler(mean);
 */
export const testEnsembler = (ensembler: Ensembler<'logits'>, options: EnsemblerLawOptions = {}): void => {
  testLaws(ensembler.name, ensemblerLaws(ensembler, options));
};

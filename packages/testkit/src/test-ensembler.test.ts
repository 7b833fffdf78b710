import { type Ensembler, defineEnsembler } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { ensemblerLaws, type EnsemblerLawOptions } from './test-ensembler.ts';
import { testOn } from './test-on.ts';

testOn('cpu');

type Combine = Ensembler<'logits'>['combine'];

/** The mean of the members' log-probabilities: keeps every law. */
const sound: Combine = (members, context) => {
  const logP = members.map(({ logits }) => context.logSoftmax(logits));
  return { logits: tf.tidy(() => tf.addN(logP).div(logP.length)) };
};
const averageOf = (logits: readonly tf.SymbolicTensor[]): tf.SymbolicTensor =>
  logits.length === 1 && logits[0] !== undefined ? logits[0] : (tf.layers.average().apply([...logits]) as tf.SymbolicTensor);
const softmaxOf = (logits: readonly tf.SymbolicTensor[]): tf.SymbolicTensor => tf.layers.softmax({ axis: -1 }).apply(averageOf(logits)) as tf.SymbolicTensor;

const ensembler = (combine: Combine, rest: Partial<Pick<Ensembler<'logits'>, 'layers' | 'options'>> = {}): Ensembler<'logits'> =>
  defineEnsembler({ name: 'mine', needs: ['logits'], combine, ...rest });

/** The sentences of the laws that fail. What a failed law leaves behind is freed with it. */
const failures = async (part: Ensembler<'logits'>, options: EnsemblerLawOptions = {}): Promise<string[]> => {
  const sentences: string[] = [];
  for (const { check } of ensemblerLaws(part, options)) {
    tf.engine().startScope();
    try {
      await check();
    } catch (error) {
      sentences.push((error as Error).message);
    }
    tf.engine().endScope();
  }
  return sentences;
};

it('a sound ensembler keeps every law', async () => {
  expect(await failures(ensembler(sound, { layers: softmaxOf }))).toEqual([]);
});

describe('a law that fails says so in a sentence', () => {
  const with0: Combine = (members, context) => {
    const { logits } = sound(members, context);
    return { logits: tf.tidy(() => logits.mul(0)) };
  };
  it.each<[string, Ensembler<'logits'>, RegExp]>([
    ['another shape', ensembler((members, context) => ({ logits: tf.tidy(() => sound(members, context).logits.sum(-1)) })), /^combining 1 tensors \[3,2\] gave \[3\], not the same shape$/u],
    ['not finite', ensembler((members) => ({ logits: tf.tidy(() => tf.addN(members.map(({ logits }) => logits)).exp().exp().exp()) })), /^logits of ±10000 gave .*Infinity/u],
    ['another prediction', ensembler((members, context) => ({ logits: tf.tidy(() => sound(members, context).logits.neg()) })), /^1 identical members predict .*, but their ensemble /u],
    ['no prediction', ensembler(with0), /^1 identical members predict/u],
    [
      'a member counted twice',
      ensembler((members, context) => sound([...members, ...members.slice(0, 1)], context)),
      /^with 2 members in another order, a probability changed by 0\.\d+$/u,
    ],
    ['a disposed member', ensembler((members, context) => {
      const result = sound(members, context);
      members[0]?.logits.dispose();
      return result;
    }), /^it disposed a member’s logits, which are not its own$/u],
    [
      'a tidy around what the engine lends',
      ensembler((members, context) => tf.tidy(() => sound(members, context))),
      /^it disposed log-probabilities that belong to the engine: call context\.logSoftmax outside of tf\.tidy$/u,
    ],
    ['a tensor left behind', ensembler((members, context) => {
      tf.scalar(1);
      return sound(members, context);
    }), /^it kept 2 tensors where its one result was expected$/u],
    ['a value read', ensembler((members, context) => {
      members[0]?.logits.dataSync();
      return sound(members, context);
    }), /^it read 1 value on the host, which a recorded step cannot: use tensor operations$/u],
    [
      'a gradient that is not finite',
      ensembler((members, context) => {
        const result = sound(members, context);
        return { logits: tf.tidy(() => result.logits.add(result.logits.sub(result.logits).sqrt())) };
      }),
      /^the gradient into a member is not finite$/u,
    ],
    ['an undeclared reading', ensembler((members, context) => {
      Reflect.get(members[0] ?? {}, 'tap:pooled');
      return sound(members, context);
    }), /^it reads 'tap:pooled' but declares only logits$/u],
    ['an option that JSON cannot hold', ensembler(sound, { options: { weight: Number.NaN } }), /^ensembler 'mine' has an option 'weight' that JSON cannot hold/u],
    ['layers that say something else', ensembler(sound, { layers: averageOf }), /^the stock layers and combine differ by .* in a probability, for 1 members of shape \[5\]$/u],
  ])('%s', async (_, part, sentence) => {
    expect(await failures(part)).toContainEqual(expect.stringMatching(sentence));
  });

  it('not the same again', async () => {
    let calls = 0;
    const part = ensembler((members, context) => {
      calls += 1;
      const result = sound(members, context);
      const logits = tf.tidy(() => result.logits.mul(calls));
      result.logits.dispose();
      return { logits };
    });
    expect(await failures(part)).toContain('combining the same members twice gave different logits');
  });

  it('order is left alone where it is said to matter', async () => {
    const first = ensembler((members, context) => sound(members.slice(0, 1), context));
    expect(await failures(first)).toHaveLength(1);
    expect(await failures(first, { orderMatters: true })).toEqual([]);
  });
});

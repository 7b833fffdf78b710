/** Terms made of more than elementwise operations obey their laws on the backend that users get, too. */
import { chooseBackend } from '@codistill/backend';
import { type BatchContext, type Ends, type HostArray, key, type Named, normal } from '@codistill/core';
import { termContext, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { activationBoundary } from './activation-boundary.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { ccEmbedded } from './cc-embedded.ts';
import { cc } from './cc.ts';
import { crd } from './crd.ts';
import { cwd } from './cwd.ts';
import { dist } from './dist.ts';
import { dkd } from './dkd.ts';
import { factorTransfer } from './factor-transfer.ts';
import { focal } from './focal.ts';
import { fsp } from './fsp.ts';
import { jensenShannon } from './jensen-shannon.ts';
import { lskd } from './lskd.ts';
import { mlld } from './mlld.ts';
import { nkd } from './nkd.ts';
import { nst } from './nst.ts';
import { ofd } from './ofd.ts';
import { pkt } from './pkt.ts';
import { reverseKd } from './reverse-kd.ts';
import { reviewKd } from './review-kd.ts';
import { rkdAngle } from './rkd-angle.ts';
import { rkdDistance } from './rkd-distance.ts';
import { sigmoidFocal } from './sigmoid-focal.ts';
import { simKd } from './sim-kd.ts';
import { skt } from './skt.ts';
import { sp } from './sp.ts';
import { symmetricKl } from './symmetric-kl.ts';
import { vid } from './vid.ts';

beforeAll(async () => {
  await chooseBackend({ prefer: 'wasm', threads: 1 });
});
testOn('wasm');

const pooled = { examplesInteract: true, shapes: { 'tap:pooled': [6] } } as const;
const wider = { shapes: { 'tap:last': [4, 4, 3] }, sourceShapes: { 'tap:last': [4, 4, 5] } } as const;

testTerm(binaryCrossEntropy());
testTerm(focal());
testTerm(sigmoidFocal());
testTerm(reverseKd({ temperature: 2 }));
testTerm(symmetricKl());
testTerm(jensenShannon());
testTerm(lskd(), { classes: 5 });
testTerm(dist(), { examplesInteract: true });
testTerm(mlld(), { examplesInteract: true });
testTerm(cwd({ at: 'last', temperature: 2 }));
testTerm(nst({ at: 'last' }), wider);
testTerm(factorTransfer({ at: 'last' }), wider);
testTerm(fsp({ between: ['lower', 'upper'] }), { shapes: { 'tap:lower': [5, 5, 3], 'tap:upper': [3, 2, 4] } });
testTerm(activationBoundary({ at: 'last', project: true }), wider);
testTerm(ofd({ at: 'last', project: true }), wider);
testTerm(vid({ at: 'last' }), { ...wider, seed: 2 });
testTerm(reviewKd({ at: ['last', 'pooled'] }), { shapes: { 'tap:last': [2, 2, 3], 'tap:pooled': [4] } });
testTerm(skt({ at: ['a', 'b'] }), { shapes: { 'tap:a': [4, 4, 3], 'tap:b': [2, 2, 4] } });
testTerm(simKd({ at: 'last' }), { shapes: { 'tap:last': [1, 1, 3] }, sourceShapes: { 'tap:last': [1, 1, 4] } });
testTerm(rkdDistance({ at: 'pooled' }), pooled);
testTerm(rkdAngle({ at: 'pooled' }), pooled);
testTerm(pkt({ at: 'pooled' }), pooled);
testTerm(sp({ at: 'pooled' }), pooled);
testTerm(sp(), { examplesInteract: true });
testTerm(rkdAngle(), { examplesInteract: true });
testTerm(cc({ at: 'pooled' }), pooled);
testTerm(ccEmbedded({ at: 'pooled', width: 5 }), pooled);

/** The mean of a term that reads labels and ids, its gradient, and the buffers it leaves, of the active backend. */
const numbersOf = async (term: ReturnType<typeof dkd> | ReturnType<typeof nkd> | ReturnType<typeof crd<'pooled'>>): Promise<readonly number[]> => {
  const signal = term.needs[0] ?? 'logits';
  const ends: Ends = { to: { [signal]: [1, 5] }, from: { [signal]: [1, 5] } };
  const { parameters, buffers } = term.state?.(ends, key(3)) ?? { parameters: {}, buffers: {} };
  const upload = ({ shape, values }: HostArray): tf.Variable => tf.tidy(() => tf.variable(tf.tensor(values, [...shape])));
  const variables: Named<tf.Variable> = Object.fromEntries(Object.entries({ ...parameters, ...buffers }).map(([name, array]) => [name, upload(array)]));
  const found = tf.tidy(() => {
    const [to, from] = [key(1), key(2)].map((seed) => tf.tensor2d(normal(seed, 20), [4, 5])) as [tf.Tensor, tf.Tensor];
    const context: BatchContext<'class'> = {
      ...termContext(term, { variables }),
      parameters: () => ({}),
      ids: tf.tensor1d([6, 0, 3, 2], 'int32'),
      labels: { class: tf.tensor2d([1, 0, 4, 0].map((label) => [0, 1, 2, 3, 4].map((one) => (one === label ? 1 : 0)))) },
    };
    const compute = term.compute as (to: object, from: object, context: BatchContext<'class'>) => tf.Tensor;
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => compute({ [signal]: x }, { [signal]: from }, context).mean())(to);
    return tf.concat([value, grad, ...Object.keys(buffers).flatMap((name) => variables[name] ?? [])].map((tensor) => tensor.flatten()));
  });
  try {
    return [...(await found.data())];
  } finally {
    tf.dispose([found, variables]);
  }
};

it.each([dkd(), nkd({ temperature: 2 }), crd({ at: 'pooled', examples: 7, width: 4 })].map((term) => [term.name, term] as const))(
  '%s gives the numbers that cpu does',
  async (_, term) => {
    const here = await numbersOf(term);
    await tf.setBackend('cpu');
    const there = await numbersOf(term);
    await tf.setBackend('wasm');
    expect(here.length).toBeGreaterThan(20);
    here.forEach((number, index) => expect(Math.abs(number - (there[index] ?? NaN))).toBeLessThan(1e-5 + 1e-5 * Math.abs(number)));
  },
);

import { CodistillError, describe as describePart, filled, type Optimizer } from '@codistill/core';
import { runOptimizer, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { adam, adamw, addDecayedWeights, chain, clipByGlobalNorm, clipByValue, defineTransform, descend, perParameter, rmsprop, scaleByAdam, scaleByRms, sgd, trace, type Transform } from './index.ts';

testOn('cpu');

const shapes = { 'block1/dense/kernel': [2, 2], 'block1/dense/bias': [2] };

/** Parameters after some steps down ½‖w‖², all beginning at 1. */
const after = async (optimizer: Optimizer, steps: number): Promise<Record<string, number[]>> => {
  const start = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, filled(shape, 1)]));
  const { path } = await runOptimizer(optimizer, { start, gradients: (values) => values, steps });
  return Object.fromEntries(Object.entries(path.at(-1) ?? {}).map(([name, values]) => [name, [...values]]));
};

describe('chain', () => {
  it('keeps slots and scalars below the names of their parts', () => {
    const optimizer = chain(trace({ momentum: 0.9 }), scaleByAdam(), trace({ momentum: 0.5 }), descend({ lr: 0.1 }));
    expect(optimizer.scalars).toEqual({ 'trace/momentum': 0.9, 'scaleByAdam/beta1': 0.9, 'scaleByAdam/beta2': 0.999, 'trace#2/momentum': 0.5, 'descend/lr': 0.1 });
    expect(Object.keys(optimizer.init({ w: [2] }))).toEqual(['trace/v/w', 'scaleByAdam/s/w', 'scaleByAdam/q/w', 'scaleByAdam/n', 'scaleByAdam/k', 'trace#2/v/w']);
    const nested = chain(clipByGlobalNorm({ max: 1 }), sgd({ lr: 0.1, momentum: 0.9 }));
    expect(Object.keys(nested.scalars)).toEqual(['sgd/trace/momentum', 'sgd/descend/lr']);
    expect(Object.keys(nested.init({ w: [2] }))).toEqual(['sgd/trace/v/w']);
  });

  it('does what its parts do, one after another', async () => {
    const byHand = chain(addDecayedWeights({ weightDecay: 0.1 }), trace({ momentum: 0.9 }), descend({ lr: 0.1 }));
    expect(await after(byHand, 5)).toEqual(await after(sgd({ lr: 0.1, momentum: 0.9, weightDecay: 0.1 }), 5));
    const clippedLate = chain(trace({ momentum: 0.9 }), clipByValue({ max: 0.25 }), descend({ lr: 1 }));
    expect((await after(clippedLate, 2))['block1/dense/bias']).toEqual([0.5, 0.5]);
  });

  it('describes itself by its parts', () => {
    expect(describePart(chain(clipByValue({ max: 1 }), sgd({ lr: 0.1 }))).options).toEqual({
      of: [
        { package: '@codistill/optimizers', name: 'clipByValue', options: { max: 1 } },
        { package: '@codistill/optimizers', name: 'sgd', options: { lr: 0.1, momentum: 0, nesterov: false, weightDecay: 0, except: [] } },
      ],
    });
  });

  it('takes a transform of one’s own', async () => {
    const sign = defineTransform({ name: 'sign', transform: ({ gradients }) => ({ gradients: perParameter(gradients, {}, (g) => tf.sign(g)), slots: {} }) });
    expect((await after(chain(sign, descend({ lr: 0.25 })), 2))['block1/dense/bias']).toEqual([0.5, 0.5]);
  });

  it('says so where the order is wrong', () => {
    const wrong = chain as (...parts: readonly unknown[]) => Optimizer;
    const end = 'stands in the wrong place.';
    expect(() => wrong(sgd({ lr: 0.1 }), clipByValue({ max: 1 }))).toThrow(
      new CodistillError('CHAIN_ORDER', `chain takes transforms and then one optimizer, such as descend({ lr }) or sgd({ lr }), but 'sgd' ${end}`),
    );
    expect(() => wrong(clipByValue({ max: 1 }))).toThrow(`but 'clipByValue' ${end}`);
    expect(() => wrong(trace({ momentum: 0.9 }), trace({ momentum: 0.9 }))).toThrow(`but 'trace#2' ${end}`);
    expect(() => wrong()).toThrow('but it was given nothing.');
    // @ts-expect-error a chain ends with an optimizer
    expect(() => chain(clipByValue({ max: 1 }))).toThrow(CodistillError);
    // @ts-expect-error an optimizer stands last
    expect(() => chain(sgd({ lr: 0.1 }), descend({ lr: 0.1 }))).toThrow(CodistillError);
  });

  it('says so where slots are missing', () => {
    const [w, lr] = [tf.scalar(1), tf.scalar(0.1)];
    const update = (optimizer: Optimizer): unknown => optimizer.update({ gradients: { w }, parameters: { w }, slots: {}, scalar: () => lr });
    expect(() => update(sgd({ lr: 0.1, momentum: 0.9 }))).toThrow("internal: an optimizer was given no 'v' for parameter 'w': pass update the parameters, and the slots that init made under the same names.");
    expect(() => update(adam())).toThrow("internal: an optimizer was given no 'n': ");
    tf.dispose([w, lr]);
  });
});

describe('weight decay', () => {
  it('leaves out parameters by the last part of their names', async () => {
    const decayed = await after(sgd({ lr: 0.5, weightDecay: 0.5, except: ['bias'] }), 1);
    expect(decayed).toEqual({ 'block1/dense/kernel': [0.25, 0.25, 0.25, 0.25], 'block1/dense/bias': [0.5, 0.5] });
    expect((await after(sgd({ lr: 0.5, weightDecay: 0.5, except: ['as', 'dense', 'dense/bias'] }), 1))['block1/dense/bias']).toEqual([0.25, 0.25]);
  });

  it('is part of the gradient before adam, and apart from it after', async () => {
    // All gradients being alike, adam's first step is lr whatever their size.
    expect((await after(adam({ lr: 0.125, weightDecay: 0.5 }), 1))['block1/dense/bias']?.[0]).toBeCloseTo(0.875, 6);
    expect((await after(adamw({ lr: 0.125, weightDecay: 0.5 }), 1))['block1/dense/bias']?.[0]).toBeCloseTo(0.8125, 6);
  });
});

describe('clipping', () => {
  it('by global norm scales all parameters of a node together', async () => {
    // ‖g‖ = √6
    const clipped = await after(chain(clipByGlobalNorm({ max: 1 }), descend({ lr: 1 })), 1);
    expect(clipped['block1/dense/kernel']?.[0]).toBeCloseTo(1 - 1 / Math.sqrt(6), 5);
    expect(clipped['block1/dense/bias']?.[0]).toBeCloseTo(1 - 1 / Math.sqrt(6), 5);
    expect((await after(chain(clipByGlobalNorm({ max: 3 }), descend({ lr: 1 })), 1))['block1/dense/bias']).toEqual([0, 0]);
  });
});

describe('adam’s means', () => {
  it('are corrected exactly from the first step, whatever β', async () => {
    for (const beta2 of [0, 0.9, 0.999, 0.999999]) {
      expect((await after(adam({ lr: 0.25, beta2 }), 1))['block1/dense/bias']?.[0]).toBeCloseTo(0.75, 7);
    }
  });
});

describe('rmsprop', () => {
  it('adds ε to the root, not under it', async () => {
    // r = 0.75 · 1², so w = 1 − 0.5 / (√0.75 + 0.5)
    expect((await after(rmsprop({ lr: 0.5, decay: 0.25, eps: 0.5 }), 1))['block1/dense/bias']?.[0]).toBeCloseTo(1 - 0.5 / (Math.sqrt(0.75) + 0.5), 6);
  });
});

describe('what a part refuses', () => {
  /** What JavaScript may pass. */
  const js = (value: unknown): never => value as never;
  it.each<[sentence: string, make: () => Optimizer | Transform]>([
    ['descend: lr must be a finite number of at least 0, not -0.1.', () => sgd({ lr: -0.1 })],
    ['descend: lr must be a finite number of at least 0, not undefined.', () => sgd(js({}))],
    ['trace: momentum must be a number from 0 to below 1, not 1.', () => sgd({ lr: 0.1, momentum: 1 })],
    ['sgd: nesterov must be false where momentum is 0, not true.', () => sgd({ lr: 0.1, nesterov: true })],
    ['addDecayedWeights: weightDecay must be a finite number of at least 0, not NaN.', () => sgd({ lr: 0.1, weightDecay: NaN })],
    ["descend: lr must be a finite number of at least 0, not '0.1'.", () => adam({ lr: js('0.1') })],
    ['scaleByAdam: beta1 must be a number from 0 to below 1, not 1.', () => adam({ beta1: 1 })],
    ['scaleByAdam: beta2 must be a number from 0 to below 1, not -1.', () => adamw({ beta2: -1 })],
    ['scaleByAdam: eps must be a number above 0, not 0.', () => adam({ eps: 0 })],
    ['scaleByRms: decay must be a number from 0 to below 1, not 2.', () => rmsprop({ decay: 2 })],
    ['scaleByRms: eps must be a number above 0, not -1.', () => scaleByRms({ eps: -1 })],
    ['clipByValue: max must be a number above 0, not 0.', () => clipByValue({ max: 0 })],
    ['clipByGlobalNorm: max must be a number above 0, not 1.', () => clipByGlobalNorm(js({ max: [1] }))],
  ])('%s', (sentence, make) => {
    expect(make).toThrow(new CodistillError('OPTION_INVALID', sentence));
  });
});

import { CodistillError, describe as describePart, filled, type Optimizer } from '@codistill/core';
import { runOptimizer, testOn } from '@codistill/testkit';
import { adam, chain, clipByGlobalNorm, parameterGroups, sgd } from './index.ts';

testOn('cpu');

const shapes = { 'block1_conv/kernel': [2, 2], 'block1_conv/bias': [2], 'block10/bias': [3], 'head/kernel': [2] };

/** Parameters after some steps down ½‖w‖², all beginning at 1. */
const after = async (optimizer: Optimizer, steps = 5): Promise<Record<string, number[]>> => {
  const start = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, filled(shape, 1)]));
  const { path } = await runOptimizer(optimizer, { start, gradients: (values) => values, steps });
  return Object.fromEntries(Object.entries(path.at(-1) ?? {}).map(([name, values]) => [name, [...values]]));
};

describe('parameterGroups', () => {
  const [fast, slow, other] = [sgd({ lr: 0.1, momentum: 0.9, weightDecay: 0.01 }), sgd({ lr: 0.01, momentum: 0.9 }), adam({ lr: 0.05 })];

  it('moves the parameters of each group as its optimizer alone does, bit for bit', async () => {
    const [found, byFast, bySlow, byOther] = await Promise.all([after(parameterGroups(fast, { block1: slow, bias: other })), after(fast), after(slow), after(other)]);
    expect(found).toEqual({
      // The first group that fits has it.
      'block1_conv/kernel': bySlow['block1_conv/kernel'],
      'block1_conv/bias': bySlow['block1_conv/bias'],
      'block10/bias': byOther['block10/bias'],
      'head/kernel': byFast['head/kernel'],
    });
    expect(new Set([byFast, bySlow, byOther].map((each) => each['head/kernel']?.[0])).size).toBe(3);
  });

  it('clips by the norm of the node before all groups, and by that of the group inside of one', async () => {
    const [clip, plain] = [clipByGlobalNorm({ max: 1 }), sgd({ lr: 1 })];
    // Eleven ones in all, two in the group.
    const [before, inside] = [await after(chain(clip, parameterGroups(plain, { head: plain })), 1), await after(parameterGroups(plain, { head: chain(clip, plain) }), 1)];
    expect(before['head/kernel']?.[0]).toBeCloseTo(1 - 1 / Math.sqrt(11), 5);
    expect(inside['head/kernel']?.[0]).toBeCloseTo(1 - 1 / Math.sqrt(2), 5);
    expect(inside['block10/bias']).toEqual([0, 0, 0]);
  });

  it('keeps slots and scalars below the names of its groups, and says what it is made of', () => {
    const optimizer = parameterGroups(fast, { head: slow });
    expect(optimizer.scalars).toEqual({ 'rest/addDecayedWeights/weightDecay': 0.01, 'rest/trace/momentum': 0.9, 'rest/descend/lr': 0.1, 'of/head/trace/momentum': 0.9, 'of/head/descend/lr': 0.01 });
    expect(Object.keys(optimizer.init({ 'conv/kernel': [2], 'head/kernel': [2] }))).toEqual(['rest/trace/v/conv/kernel', 'of/head/trace/v/head/kernel']);
    expect(describePart(optimizer).options).toEqual({ rest: describePart(fast), groups: ['head'], of: [describePart(slow)] });
  });

  it.each(['conv', 'block1_conv', 'block1_conv/kernel', 'kernel'])("finds '%s' in whole words", async (name) => {
    const [found, byFast, bySlow] = await Promise.all([after(parameterGroups(fast, { [name]: slow })), after(fast), after(slow)]);
    expect(found['block1_conv/kernel']).toEqual(bySlow['block1_conv/kernel']);
    expect(found['block10/bias']).toEqual(byFast['block10/bias']);
  });

  it('does nothing in a node that has none of a group', async () => {
    expect(await after(parameterGroups(fast, { stem: slow, block: slow, nel: slow }))).toEqual(await after(fast));
  });

  it('refuses a group without a name', () => {
    expect(() => parameterGroups(fast, { '': slow })).toThrow(new CodistillError('OPTION_INVALID', "parameterGroups: a group must be what is found in parameters' names, not ''."));
  });
});

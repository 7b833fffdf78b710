import { CodistillError, describe as describePart, fold, key, type Network, normal } from '@codistill/core';
import { modelLaws, testLaws, testModel, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { cnn } from './cnn.ts';
import { fused } from './fused.ts';
import { lowBit } from './low-bit.ts';
import { mlp } from './mlp.ts';

testOn('cpu');

const site = { input: [8, 8, 3], classes: 3 };
const plain = cnn({ channels: [2, 3] });
const both = fused({ a: plain, b: plain }, { at: ['block1', 'block2'] });
testModel(both, { sites: [site] });
testModel(fused({ a: mlp({ hidden: [6, 5], dropout: 0.3 }), b: mlp({ hidden: [6, 4] }) }, { at: ['hidden1'] }), { sites: [{ input: [5], classes: 2 }] });

const tiny = { clip: 'learnt', at: 0.3 } as const;
const net = cnn({ channels: [2, 3, 4] });
const teachers = fused({ t4: lowBit(net, { bits: 4, activations: tiny }), t8: lowBit(net, { bits: 8, activations: tiny }) }, { at: ['block1', 'block2', 'block3'] });
testLaws(
  'laws of fused networks of few bits',
  modelLaws(teachers, { sites: [site] }).filter(({ name }) => !name.startsWith('saves as')),
);

const image = (): tf.Tensor => tf.tensor(normal(key(2), 2 * 192), [2, 8, 8, 3]);
const gap = (a: tf.Tensor, b: tf.Tensor): number => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] ?? NaN);
const step = () => ({ training: true, key: tf.tensor1d([3, 4], 'int32') }) as const;

/** The members by themselves, with the weights that they have in the fused network, and π away from zero. */
const membersOf = (whole: Network, one: typeof plain, names: readonly string[]) =>
  names.map((name) => {
    const alone = one.build(site, key(1));
    for (const [variable, value] of Object.entries({ ...alone.parameters, ...alone.buffers })) value.assign((whole.parameters[`${name}_${variable}`] ?? whole.buffers[`${name}_${variable}`]) as tf.Tensor);
    return alone;
  });
const unequal = (whole: Network): void => {
  Object.entries(whole.parameters)
    .filter(([name]) => name.startsWith('fusion/'))
    .forEach(([, variable], index) => variable.assign(tf.tensor(normal([7, index], variable.size), variable.shape)));
};

describe('fused', () => {
  it.each([true, false])('is eq. 1: the fusion of the members’ maps goes into the next layers of all (training: %p)', (training) => {
    tf.tidy(() => {
      const whole = both.build(site, key(1));
      unequal(whole);
      const members = membersOf(whole, plain, ['a', 'b']);
      const mode = training ? step() : ({ training: false } as const);
      const add = (maps: readonly tf.Tensor[], tap: string): tf.Tensor => {
        const shares = tf.unstack(tf.softmax(tf.reshape(whole.parameters[`fusion/${tap}/embeddings`] as tf.Tensor, [-1])));
        return tf.addN(maps.map((map, index) => tf.mul(map, shares[index] as tf.Tensor)));
      };
      const readings = whole.read(image(), both.emits, mode);
      const block1 = members.map((member) => member.read(image(), ['tap:block1'], mode)['tap:block1']);
      const fusion1 = add(block1, 'block1');
      const block2 = members.map((member) => member.readFrom('tap:block1', fusion1, ['tap:block2'], mode)['tap:block2']);
      const fusion2 = add(block2, 'block2');
      const logits = members.map((member) => member.readFrom('tap:block2', fusion2, ['logits'], mode).logits);
      expect(gap(readings['tap:fusion1'], fusion1)).toBeLessThan(1e-5);
      expect(gap(readings['tap:fusion2'], fusion2)).toBeLessThan(1e-5);
      expect(gap(readings['tap:b/block2'], block2[1] as tf.Tensor)).toBeLessThan(1e-5);
      expect(gap(readings['tap:b/logits'], logits[1] as tf.Tensor)).toBeLessThan(1e-5);
      expect(gap(readings.logits, tf.div(tf.addN(logits), 2))).toBeLessThan(1e-5);
      // The members do differ, or the above says nothing.
      expect(gap(logits[0] as tf.Tensor, logits[1] as tf.Tensor)).toBeGreaterThan(1e-2);
      for (const one of [whole, ...members]) one.dispose();
    });
  });

  it('begins with members of their own weights, and with equal shares', () => {
    const network = both.build(site, key(1));
    const alone = plain.build(site, fold(key(1), 'member', 'b'));
    tf.tidy(() => {
      for (const tap of ['block1', 'block2']) expect([...(network.parameters[`fusion/${tap}/embeddings`]?.dataSync() ?? [])]).toEqual([0, 0]);
      for (const [name, variable] of Object.entries(alone.parameters)) expect(gap(network.parameters[`b_${name}`] as tf.Tensor, variable)).toBe(0);
      expect(gap(network.parameters['a_logits/kernel'] as tf.Tensor, network.parameters['b_logits/kernel'] as tf.Tensor)).toBeGreaterThan(0);
    });
    network.dispose();
    alone.dispose();
  });

  it('has the gradient of π that differences have', () => {
    tf.tidy(() => {
      const network = both.build(site, key(1));
      unequal(network);
      const pi = network.parameters['fusion/block1/embeddings'] as tf.Variable;
      const loss = (): tf.Scalar => tf.sum(tf.mul(network.read(image(), ['logits'], { training: false }).logits, tf.tensor(normal(key(4), 6), [2, 3])));
      const slope = tf.variableGrads(loss, [pi]).grads[pi.name]?.dataSync() ?? [];
      const start = pi.clone();
      [0, 1].forEach((index) => {
        const at = (width: number): number => {
          pi.assign(tf.add(start, tf.tensor2d([[index === 0 ? width : 0, index === 1 ? width : 0]])));
          return loss().dataSync()[0] ?? NaN;
        };
        const difference = (at(1e-3) - at(-1e-3)) / 2e-3;
        expect(Math.abs(difference - (slope[index] ?? NaN))).toBeLessThan(0.02 * Math.max(0.05, Math.abs(difference)));
      });
      network.dispose();
    });
  });

  it('fuses rounded maps, and rounds what follows', () => {
    tf.tidy(() => {
      const network = fused({ a: lowBit(net, { bits: 2, activations: { clip: 'fixed', at: 3 } }), b: lowBit(net, { bits: 2, activations: { clip: 'fixed', at: 3 } }) }, { at: ['block1'] }).build(site, key(1));
      const readings = network.read(image(), ['tap:a/block1', 'tap:b/block1', 'tap:fusion1', 'tap:b/block2'], { training: false });
      for (const signal of ['tap:a/block1', 'tap:b/block2'] as const) expect([...new Set(readings[signal].dataSync())].every((value) => [0, 1, 2, 3].includes(value))).toBe(true);
      expect(gap(readings['tap:fusion1'], tf.mul(tf.add(readings['tap:a/block1'], readings['tap:b/block1']), 0.5))).toBeLessThan(1e-5);
      network.dispose();
    });
  });

  it('says its signals in its type, and itself', () => {
    const fusion: (typeof teachers.emits)[number] = 'tap:fusion3';
    const member: (typeof teachers.emits)[number] = 'tap:t8/pooled';
    // @ts-expect-error: there are three
    const fourth: (typeof teachers.emits)[number] = 'tap:fusion4';
    // @ts-expect-error: no such member
    const other: (typeof teachers.emits)[number] = 'tap:t2/logits';
    expect([fusion, member, fourth, other]).toHaveLength(4);
    expect(both.emits).toEqual(['logits', 'tap:fusion1', 'tap:fusion2', ...['a', 'b'].flatMap((name) => plain.emits.map((signal) => `tap:${name}/${signal.replace('tap:', '')}`))]);
    expect(describePart(both).options).toEqual({ a: describePart(plain), b: describePart(plain), at: ['block1', 'block2'] });
  });

  it('refuses what cannot be fused', () => {
    const before = tf.memory().numTensors;
    const expectRefusal = (attempt: () => unknown, code: string, sentence: string): void => {
      expect(attempt).toThrow(new CodistillError(code, sentence));
    };
    expectRefusal(() => fused({ a: plain }, { at: ['block1'] }), 'OPTION_INVALID', "fused: members must be at least two, with names of letters, digits, _ and -, not '{ a }'.");
    expectRefusal(() => fused({ a: plain, b: plain }, { at: [] }), 'OPTION_INVALID', "fused: at must be at least one tap, not '[]'.");
    expectRefusal(
      () => fused({ a: plain, b: plain }, { at: ['block2', 'block1'] }).build(site, key(1)),
      'FUSION_ORDER',
      "fused is told to fuse at 'tap:block1' after 'tap:block2', but it does not lie behind it: list the taps from the input on, each one through which all of the network passes",
    );
    expectRefusal(
      () => fused({ a: plain, b: cnn({ channels: [4, 3] }) }, { at: ['block1'] }).build(site, key(1)),
      'FUSION_SHAPES',
      "fused adds up the members' maps at 'tap:block1', but they differ: [8, 8, 2] in 'a', [8, 8, 4] in 'b': fuse members of one architecture",
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

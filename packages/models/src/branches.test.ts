import { CodistillError, describe as describePart, fold, key, type Model, type Network, normal, type Signal } from '@codistill/core';
import { testModel, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { adopt } from './adopt.ts';
import { branches } from './branches.ts';
import { cnn } from './cnn.ts';
import { mlp } from './mlp.ts';
import { projected } from './projected.ts';
import { resnet } from './resnet.ts';

testOn('cpu');

const plain = resnet({ depth: 8, width: 2 });
const names = ['p1', 'p2', 'p3'] as const;
const peers = branches(plain, { names, from: 'block2', views: true });

/** The logits are the first branch's: other branches' parameters rightly get no gradient of theirs. */
const RESNET_REST = ['conv1/kernel', 'bn1/gamma', 'bn1/beta', 'conv2/kernel', 'bn2/gamma', 'bn2/beta', 'shortcut_conv1/kernel', 'shortcut_bn1/gamma', 'shortcut_bn1/beta'];
testModel(peers, { without: ['p2', 'p3'].flatMap((name) => [...RESNET_REST.map((role) => `${name}_block3_unit1_${role}`), `${name}_logits/kernel`, `${name}_logits/bias`]) });
testModel(branches(cnn({ channels: [2, 4], dropout: 0.3 }), { names: ['a', 'b'], from: 'block1' }), {
  without: ['b_block2_conv1/kernel', 'b_block2_bn1/gamma', 'b_block2_bn1/beta', 'b_logits/kernel', 'b_logits/bias'],
});

const site = { input: [8, 8, 3], classes: 3 };
const images = (seed: number, rows = 2): tf.Tensor => tf.tensor(normal(key(seed), rows * 192), [rows, 8, 8, 3]);
const valuesOf = (tensor: tf.Tensor | undefined): number[] => [...(tensor?.dataSync() ?? [])];
/** Up to what a batch of another size may change in a sum. */
const expectNear = (actual: tf.Tensor, expected: tf.Tensor): void => {
  expect(tf.tidy(() => tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0])).toBeLessThan(1e-5);
};
const resting = { training: false } as const;
const step = () => ({ training: true, key: tf.tensor1d([3, 4], 'int32') }) as const;

/** Runs a test on a network, freeing what it makes. */
const on =
  <Emits extends Signal>(model: Model<Emits>, body: (network: Network<Emits>) => void) =>
  (): void => {
    tf.tidy(() => {
      const network = model.build(site, key(1));
      body(network);
      network.dispose();
    });
  };

describe('branches', () => {
  it('emits all that the model does, per branch', () => {
    expect(small.emits).toEqual(['logits', 'tap:pooled', 'tap:hidden1', 'tap:a/logits', 'tap:a/pooled', 'tap:a/hidden1', 'tap:b/logits', 'tap:b/pooled', 'tap:b/hidden1']);
    const typed: (typeof peers.emits)[number] = 'tap:p3/pooled';
    // @ts-expect-error: there are three branches
    const fourth: (typeof peers.emits)[number] = 'tap:p4/pooled';
    // @ts-expect-error: resnet has no such tap
    const wrong = (): unknown => branches(plain, { names: ['a'], from: 'block9' });
    expect([typed, fourth, wrong]).toHaveLength(3);
    expect(describePart(peers)).toEqual({
      package: '@codistill/models',
      name: 'branches',
      options: { of: describePart(plain), names: ['p1', 'p2', 'p3'], from: 'block2', views: true },
    });
  });
  const small = branches(mlp({ hidden: [6] }), { names: ['a', 'b'], from: 'hidden1' });

  it('begins, in its first branch, as the model itself, and in the others with other weights', on(peers, (network) => {
    const [one, other] = [plain.build(site, key(1)), plain.build(site, fold(key(1), 'branch', 'p2'))];
    expect(valuesOf(network.read(images(2), ['logits'], resting).logits)).toEqual(valuesOf(one.read(images(2), ['logits'], resting).logits));
    expect(valuesOf(network.parameters['p2_logits/kernel'])).toEqual(valuesOf(other.parameters['logits/kernel']));
    expect(valuesOf(network.parameters['p2_logits/kernel'])).not.toEqual(valuesOf(network.parameters['p3_logits/kernel']));
    expect(Object.keys(network.parameters).filter((name) => name.startsWith('stem') || name.startsWith('block1'))).toHaveLength(9);
    one.dispose();
    other.dispose();
  }));

  it('is, per branch, the shared layers with what follows', on(peers, (network) => {
    const middle = plain.build(site, key(1));
    for (const [name, variable] of Object.entries({ ...middle.parameters, ...middle.buffers })) {
      variable.assign((network.parameters[`p2_${name}`] ?? network.buffers[`p2_${name}`] ?? network.parameters[name] ?? network.buffers[name]) as tf.Tensor);
    }
    const expected = middle.read(images(2), ['logits', 'tap:pooled', 'tap:block1'], resting);
    const actual = network.read(images(2), ['tap:p2/logits', 'tap:p2/pooled', 'tap:p2/block1'], resting);
    expect(valuesOf(actual['tap:p2/logits'])).toEqual(valuesOf(expected.logits));
    expect(valuesOf(actual['tap:p2/pooled'])).toEqual(valuesOf(expected['tap:pooled']));
    expect(valuesOf(actual['tap:p2/block1'])).toEqual(valuesOf(expected['tap:block1']));
    middle.dispose();
  }));

  it('computes the shared layers once', async () => {
    const network = peers.build(site, key(1));
    const input = images(2);
    const { kernels } = await tf.profile(() => {
      tf.dispose(network.read(input, ['tap:p1/logits', 'tap:p2/logits', 'tap:p3/logits'], resting));
    });
    // The stem, a block without and a block with a projection; three times another of these.
    expect(kernels.filter(({ name }) => name.includes('Conv2D'))).toHaveLength(1 + 2 + 3 + 3 * 3);
    input.dispose();
    network.dispose();
  });

  it('forks a model with a projector, or with branches, too', on(branches(projected(plain, { from: 'last', to: { channels: 4 } }), { names: ['a', 'b'], from: 'block1' }), (network) => {
    expect(network.layers.outputs.map(({ shape }) => shape)).toEqual([[null, 3], [null, 4], [null, 3], [null, 4]]);
    expect(network.read(images(2), ['tap:b/projectedPooled'], resting)['tap:b/projectedPooled'].shape).toEqual([2, 4]);
    const twice = branches(peers, { names: ['x', 'y'], from: 'block1' }).build(site, key(1));
    expect(twice.read(images(2), ['tap:y/p3/logits'], resting)['tap:y/p3/logits'].shape).toEqual([2, 3]);
    twice.dispose();
  }));

  it('sums the gradients of all branches in the shared layers', on(peers, (network) => {
    const kernel = network.parameters['stem_conv1/kernel'] as tf.Variable;
    const slopeOf = (signals: readonly (typeof peers.emits)[number][]): tf.Tensor =>
      tf.variableGrads(() => tf.addN<tf.Scalar>(signals.map((signal) => tf.sum<tf.Scalar>(tf.square(network.read(images(2), [signal], step())[signal])))), [kernel]).grads[kernel.name] as tf.Tensor;
    const together = slopeOf(['tap:p1/logits', 'tap:p2/logits']);
    const apart = tf.add(slopeOf(['tap:p1/logits']), slopeOf(['tap:p2/logits']));
    expect(tf.max(tf.abs(tf.sub(together, apart))).dataSync()[0]).toBeLessThan(1e-4 * (tf.max(tf.abs(apart)).dataSync()[0] ?? NaN));
  }));
});

describe('branches with a view each', () => {
  const three = { views: 3 } as const;

  it('read the i-th part of the input, in all they emit', on(peers, (network) => {
    const each = [images(2), images(3), images(4)];
    const readings = network.read(tf.concat(each), peers.emits, { ...resting, ...three });
    names.forEach((name, index) => {
      // In inference no example sees another, so that a part by itself is the oracle.
      const alone = network.read(each[index] as tf.Tensor, peers.emits, resting);
      for (const signal of plain.emits) {
        const own = `tap:${name}/${signal.replace('tap:', '')}` as (typeof peers.emits)[number];
        expect(readings[own].shape).toEqual(alone[own].shape);
        expectNear(readings[own], alone[own]);
        if (index === 0) expectNear(readings[signal], alone[signal]);
      }
    });
    const inside = network.readFrom('tap:block1', network.read(tf.concat(each), ['tap:block1'], resting)['tap:block1'], ['tap:p2/logits'], { ...resting, ...three });
    expectNear(inside['tap:p2/logits'], readings['tap:p2/logits']);
  }));

  it('normalise the shared layers over all views, and their own over their own', on(peers, (network) => {
    const [one, two, three_] = [images(2), images(3), images(4)] as const;
    const all = tf.concat([one, two, three_]);
    const before = network.read(all, ['tap:block2'], step())['tap:block2'];
    const expected = network.readFrom('tap:block2', before.slice(2, 2), ['tap:p2/logits'], step())['tap:p2/logits'];
    const actual = network.read(all, ['tap:p2/logits'], { ...step(), ...three })['tap:p2/logits'];
    expect(valuesOf(actual)).toEqual(valuesOf(expected));
  }));

  it('keep nothing but their readings', on(peers, (network) => {
    const input = images(2, 6);
    const before = tf.memory().numTensors;
    tf.dispose(network.read(input, peers.emits, { ...resting, ...three }));
    expect(tf.memory().numTensors).toBe(before);
  }));

  it('refuse an input of another number of views', on(peers, (network) => {
    expect(() => network.read(images(2, 4), ['logits'], { ...resting, views: 2 })).toThrow(
      new CodistillError('VIEWS_COUNT', "branches 'p1', 'p2' and 'p3' have a view each, but the input holds 2: give the node 3 views, or one"),
    );
  }));

  it('without `views` all see all of it', on(branches(plain, { names: ['a', 'b'], from: 'block2' }), (network) => {
    expect(network.read(images(2, 4), ['tap:b/logits'], { ...resting, views: 2 })['tap:b/logits'].shape).toEqual([4, 3]);
  }));
});

describe('branches refuses', () => {
  it.each([[[]], [['a', 'a']], [['a/b']]])('names that are none: %p', (bad: string[]) => {
    expect(() => branches(plain, { names: bad, from: 'block2' })).toThrow(
      new CodistillError('OPTION_INVALID', `branches: names must be different names, at least one, of letters, digits, _ and -, not '[${bad.join(', ')}]'.`),
    );
  });

  it('a tap that there is not', () => {
    expect(() => branches(plain as Model<'logits' | `tap:${string}`>, { names: ['a'], from: 'block9' })).toThrow(
      "branches begins at tap 'block9', which model 'resnet' does not emit: it emits 'logits', 'tap:pooled', 'tap:last', 'tap:block1', 'tap:block2' and 'tap:block3'",
    );
  });

  it('a tap around which layers lead', () => {
    const start = tf.input({ shape: [4] });
    const half = tf.layers.dense({ units: 4, name: 'half' }).apply(start) as tf.SymbolicTensor;
    const mine = tf.model({ inputs: start, outputs: tf.layers.add({ name: 'sum' }).apply([start, half]) as tf.SymbolicTensor });
    const forked = branches(adopt(mine, { taps: { half: 'half' } }), { names: ['a', 'b'], from: 'half' });
    const before = tf.memory().numTensors;
    expect(() => forked.build({ input: [4], classes: 4 }, key(1))).toThrow(/^'logits' does not follow from 'tap:half' alone/);
    expect(tf.memory().numTensors).toBe(before);
    mine.dispose();
  });
});

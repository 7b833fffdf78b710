import { CodistillError, describe as describePart, key, type Model, normal } from '@codistill/core';
import { testModel, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { cnn } from './cnn.ts';
import { mlp } from './mlp.ts';
import { projected } from './projected.ts';
import { resnet } from './resnet.ts';

testOn('cpu');

const plain = resnet({ depth: 8, width: 2 });
const student = projected(plain, { from: 'last', to: { channels: 6 } });
const projector = (at: string): readonly string[] => [1, 2, 3].flatMap((n) => [`${at}_conv${n}/kernel`, `${at}_bn${n}/gamma`, `${at}_bn${n}/beta`]);

// The logits do not depend on the projector.
testModel(student, { without: projector('projected') });
testModel(projected(cnn({ channels: [2, 3], dropout: 0.3 }), { from: 'block1', to: { channels: 4, size: [2, 4] }, reduce: 1, as: 'bridge' }), { without: projector('bridge') });

const site = { input: [8, 8, 3], classes: 3 };
const valuesOf = (tensor: tf.Tensor | undefined): number[] => [...(tensor?.dataSync() ?? [])];

describe('projected', () => {
  it('leaves the model as it is', () => {
    tf.tidy(() => {
      const [one, two] = [plain.build(site, key(1)), student.build(site, key(1))];
      const x = tf.tensor(normal(key(2), 2 * 192), [2, 8, 8, 3]);
      for (const signal of plain.emits) expect(valuesOf(two.read(x, [signal], { training: false })[signal])).toEqual(valuesOf(one.read(x, [signal], { training: false })[signal]));
      expect(Object.keys(two.parameters).filter((name) => one.parameters[name] === undefined)).toEqual(projector('projected'));
      one.dispose();
      two.dispose();
    });
  });

  it('is the bottleneck of its formula', () => {
    tf.tidy(() => {
      const network = student.build(site, key(1));
      const x = tf.tensor(normal(key(2), 2 * 192), [2, 8, 8, 3]);
      const readings = network.read(x, ['tap:last', 'tap:projected', 'tap:projectedPooled'], { training: false });
      const unit = (map: tf.Tensor, n: number): tf.Tensor => {
        const [gamma, beta] = ['gamma', 'beta'].map((role) => network.parameters[`projected_bn${n}/${role}`] as tf.Tensor) as [tf.Tensor, tf.Tensor];
        const [mean, variance] = ['mean', 'variance'].map((role) => network.buffers[`projected_bn${n}/moving_${role}`] as tf.Tensor) as [tf.Tensor, tf.Tensor];
        const convolved = tf.conv2d(map as tf.Tensor4D, network.parameters[`projected_conv${n}/kernel`] as tf.Tensor as tf.Tensor4D, 1, 'same');
        return tf.relu(tf.add(tf.mul(tf.div(tf.sub(convolved, mean), tf.sqrt(tf.add(variance, 1e-5))), gamma), beta));
      };
      const expected = [1, 2, 3].reduce(unit, readings['tap:last']);
      expect(network.parameters['projected_conv2/kernel']?.shape).toEqual([3, 3, 3, 3]);
      expect(tf.max(tf.abs(tf.sub(expected, readings['tap:projected']))).dataSync()[0]).toBeLessThan(1e-5);
      expect(tf.max(tf.abs(tf.sub(tf.mean(expected, [1, 2]), readings['tap:projectedPooled']))).dataSync()[0]).toBeLessThan(1e-5);
      // It begins as the name of its initialiser promises: not with zeros.
      expect(new Set(valuesOf(network.parameters['projected_conv1/kernel'])).size).toBeGreaterThan(10);
      network.dispose();
    });
  });

  it('averages a larger map down to the wanted size', () => {
    const model = projected(plain, { from: 'block1', to: { channels: 4, size: [2, 4] } });
    tf.tidy(() => {
      const network = model.build(site, key(1));
      expect(network.read(tf.ones([1, 8, 8, 3]), ['tap:projected'], { training: false })['tap:projected'].shape).toEqual([1, 2, 4, 4]);
      network.dispose();
    });
  });

  it('lets the gradient of the projection reach the projector and what lies before it', () => {
    tf.tidy(() => {
      const network = student.build(site, key(1));
      const x = tf.tensor(normal(key(2), 2 * 192), [2, 8, 8, 3]);
      const variables = Object.entries(network.parameters);
      const { grads } = tf.variableGrads(
        () => tf.sum(tf.square(network.read(x, ['tap:projectedPooled'], { training: true, key: tf.tensor1d([1, 2], 'int32') })['tap:projectedPooled'])),
        variables.map(([, variable]) => variable),
      );
      for (const [name, variable] of variables) expect([name, valuesOf(grads[variable.name] ?? undefined).some((slope) => slope !== 0)]).toEqual([name, !name.startsWith('logits/')]);
      network.dispose();
    });
  });

  it('says its taps in its type, and itself', () => {
    const typed: (typeof student.emits)[number] = 'tap:projectedPooled';
    const other = projected(student, { from: 'last', to: { channels: 4 }, as: 'second' });
    const second: (typeof other.emits)[number] = 'tap:second';
    // @ts-expect-error: it is called otherwise
    const wrong: (typeof other.emits)[number] = 'tap:third';
    // @ts-expect-error: resnet has no such tap
    const missing = (): Model => projected(plain, { from: 'block7', to: { channels: 4 } });
    expect([typed, second, wrong, missing]).toHaveLength(4);
    expect(other.emits).toEqual([...plain.emits, 'tap:projected', 'tap:projectedPooled', 'tap:second', 'tap:secondPooled']);
    expect(describePart(student).options).toEqual({ of: describePart(plain), from: 'last', to: { channels: 6 }, reduce: 2 });
    other.build(site, key(1)).dispose();
  });

  it('refuses what makes no sense', () => {
    const before = tf.memory().numTensors;
    expect(() => projected(plain, { from: 'last', to: { channels: 1 } })).toThrow('projected: channels / reduce must be an integer of at least 1, not 0.');
    expect(() => projected(student, { from: 'last', to: { channels: 2 } })).toThrow("projected: as must be a name that the model does not emit yet, not 'projected'.");
    expect(() => projected(plain, { from: 'pooled', to: { channels: 2 } }).build(site, key(1))).toThrow(
      new CodistillError('TAP_NOT_MAP', "projected begins at tap 'pooled', whose shape [8] is no map: name a tap before the pooling"),
    );
    expect(() => projected(mlp({ hidden: [4] }), { from: 'hidden1', to: { channels: 2 } }).build(site, key(1))).toThrow(/^projected begins at tap 'hidden1'/);
    expect(() => projected(plain, { from: 'last', to: { channels: 2, size: [4, 4] } }).build(site, key(1))).toThrow(
      new CodistillError('SIZE_UNMET', "tap 'last' is a map of [2, 2], which cannot be averaged down to [4, 4] in whole windows: give its own size, and average the other map down"),
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

import { CodistillError, key, type Model, type Network, normal, type Signal } from '@codistill/core';
import { testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { adopt } from './adopt.ts';
import { cnn } from './cnn.ts';
import { mlp } from './mlp.ts';
import { mobilenet } from './mobilenet.ts';
import { resnet } from './resnet.ts';

testOn('cpu');
beforeEach(() => {
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
});

const site = { input: [8, 8, 3], classes: 3 };
const image = (): tf.Tensor => tf.tensor(normal(key(2), 2 * 192), [2, 8, 8, 3]);
const step = () => ({ training: true, key: tf.tensor1d([3, 4], 'int32') }) as const;
const valuesOf = (tensor: tf.Tensor | undefined): number[] => [...(tensor?.dataSync() ?? [])];

const inside: readonly (readonly [Model, Signal])[] = [
  [mlp({ hidden: [8, 6], dropout: 0.4 }), 'tap:hidden1'],
  [cnn({ channels: [2, 4], dropout: 0.3 }), 'tap:block1'],
  [resnet({ depth: 14, width: 2 }), 'tap:block1'],
  [resnet({ depth: 8, width: 2 }), 'tap:pooled'],
  [mobilenet({ stages: [{ expansion: 2, channels: 3, units: 2, stride: 2 }], stem: 2, features: 6, dropout: 0.2 }), 'tap:block1'],
];

describe('readFrom', () => {
  it.each(inside.map(([model, tap]) => [model.name, tap, model] as const))('a tap of a %s (%s) gives what read gives, to the bit, in inference and in training', (_, tap, model) => {
    const network = model.build(site, key(1));
    for (const mode of [{ training: false } as const, step()]) {
      // Moving averages are moved by every pass, and are no part of what a training pass gives.
      const whole = network.read(image(), ['logits', 'tap:pooled', tap], mode);
      const before = network.read(image(), [tap], mode)[tap] as tf.Tensor;
      const rest = network.readFrom(tap, before, ['logits', 'tap:pooled'], mode);
      expect(valuesOf(before)).toEqual(valuesOf(whole[tap]));
      expect(valuesOf(rest.logits)).toEqual(valuesOf(whole.logits));
      expect(valuesOf(rest['tap:pooled'])).toEqual(valuesOf(whole['tap:pooled']));
    }
    network.dispose();
  });

  it('moves only the averages of the layers behind, as read does', () => {
    const model = resnet({ depth: 8, width: 2 });
    const [one, two] = [model.build(site, key(1)), model.build(site, key(1))];
    one.read(image(), ['logits'], step());
    const block = two.read(image(), ['tap:block2'], step())['tap:block2'];
    const untouched = valuesOf(two.buffers['block1_unit1_bn1/moving_mean']);
    two.readFrom('tap:block2', block, ['logits'], step());
    expect(valuesOf(two.buffers['block1_unit1_bn1/moving_mean'])).toEqual(untouched);
    for (const name of Object.keys(one.buffers)) expect(valuesOf(two.buffers[name])).toEqual(valuesOf(one.buffers[name]));
    one.dispose();
    two.dispose();
  });

  it('lets gradients through to the value, and to the weights behind, equal to those of read', () => {
    const network = resnet({ depth: 8, width: 2 }).build(site, key(1));
    const parameters = Object.values(network.parameters);
    const score = (logits: tf.Tensor): tf.Scalar => tf.sum(tf.mul(logits, tf.tensor(normal(key(4), 6), [2, 3])));
    const mode = step();
    const whole = tf.variableGrads(() => score(network.read(image(), ['logits'], mode).logits), parameters).grads;
    const parts = tf.variableGrads(() => {
      const block = network.read(image(), ['tap:block1'], mode)['tap:block1'];
      return score(network.readFrom('tap:block1', block, ['logits'], mode).logits);
    }, parameters).grads;
    for (const { name } of parameters) expect(valuesOf(parts[name])).toEqual(valuesOf(whole[name]));
    network.dispose();
  });

  it('computes only what lies between, and nothing of the rest', async () => {
    const network = resnet({ depth: 8, width: 2 }).build(site, key(1));
    const block = network.read(image(), ['tap:block1'], { training: false })['tap:block1'];
    const { kernels } = await tf.profile(() => network.readFrom('tap:block1', block, ['tap:block2'], { training: false })['tap:block2']);
    expect(kernels.filter(({ name }) => name.includes('Conv2D'))).toHaveLength(3);
    expect(network.readFrom('tap:block1', block, [], { training: false })).toEqual({});
    network.dispose();
  });

  it('gives the value itself as a tensor of its own, keeps what it was given, and nothing else', () => {
    const network = resnet({ depth: 8, width: 2 }).build(site, key(1));
    const block = tf.ones([2, 2, 2, 8]);
    const before = tf.memory().numTensors;
    const { 'tap:last': last, logits } = network.readFrom('tap:block3', block, ['tap:last', 'logits'], { training: false });
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([last, logits]);
    expect(valuesOf(block)).toEqual(Array.from({ length: 64 }, () => 1));
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });

  it('reaches into models that were adopted, and leaves what is saved as it was', () => {
    const mine = tf.sequential({
      layers: [
        tf.layers.dense({ units: 5, inputShape: [4], activation: 'relu', name: 'hidden' }),
        tf.layers.batchNormalization({ name: 'norm' }),
        tf.layers.dense({ units: 3, name: 'out' }),
      ],
    });
    const network = adopt(mine, { taps: { hidden: 'hidden' } }).build({ input: [4], classes: 3 }, key(1));
    const saved = network.layers.toJSON() as string;
    const x = tf.tensor2d(normal(key(5), 8), [2, 4]);
    const { 'tap:hidden': hidden, logits } = network.read(x, ['tap:hidden', 'logits'], { training: false });
    expect(valuesOf(network.readFrom('tap:hidden', hidden, ['logits'], { training: false }).logits)).toEqual(valuesOf(logits));
    expect(network.layers.toJSON()).toBe(saved);
    network.dispose();
    mine.dispose();
  });
});

describe('readFrom refuses', () => {
  const refusal = (network: Network, start: Signal, signal: Signal, value: tf.Tensor): CodistillError => {
    try {
      network.readFrom(start, value, [signal], { training: false });
    } catch (error) {
      if (error instanceof CodistillError) return error;
    } finally {
      network.dispose();
    }
    throw new Error('it was not refused');
  };

  it('a reading that does not lie behind', () => {
    const { code, message } = refusal(resnet({ depth: 8, width: 2 }).build(site, key(1)), 'tap:block2', 'tap:block1', tf.ones([1, 4, 4, 4]));
    expect([code, message]).toEqual([
      'SIGNAL_BEFORE',
      "'tap:block1' does not lie behind 'tap:block2', so a pass that begins there cannot give it: read it from the input, or begin at a reading before it",
    ]);
  });

  it('a tap around which layers lead', () => {
    const start = tf.input({ shape: [4] });
    const half = tf.layers.dense({ units: 4, name: 'half' }).apply(start) as tf.SymbolicTensor;
    const sum = tf.layers.add({ name: 'sum' }).apply([start, half]) as tf.SymbolicTensor;
    const mine = tf.model({ inputs: start, outputs: sum });
    const network = adopt(mine, { taps: { half: 'half' } }).build({ input: [4], classes: 4 }, key(1));
    mine.dispose();
    const { code, message } = refusal(network, 'tap:half', 'logits', tf.ones([1, 4]));
    expect([code, message]).toEqual([
      'SIGNAL_AROUND',
      "'logits' does not follow from 'tap:half' alone, since layers lead around it: begin at a tap through which all of the network passes",
    ]);
  });

  it('a start that the network does not emit', () => {
    const { code } = refusal(mlp({ hidden: [4] }).build({ input: [3], classes: 2 }, key(1)), 'tap:nothing', 'logits', tf.ones([1, 4]));
    expect(code).toBe('SIGNAL_UNKNOWN');
  });
});

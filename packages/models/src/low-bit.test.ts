import { CodistillError, describe as describePart, key, type Model, type Network, normal, type Site } from '@codistill/core';
import { modelLaws, testLaws, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { cnn } from './cnn.ts';
import { lowBit } from './low-bit.ts';
import { mlp } from './mlp.ts';
import { mobilenet } from './mobilenet.ts';
import { quantiseActivations, quantiseKernel } from './quantise.ts';
import { resnet } from './resnet.ts';

testOn('cpu');

const site: Site = { input: [8, 8, 3], classes: 3 };
const valuesOf = (tensor: tf.Tensor | undefined): number[] => [...(tensor?.dataSync() ?? [])];
const scoped = (body: () => void) => (): void => {
  tf.tidy(body);
};

// A clip that cuts something off, so that it gets a gradient. What is saved are float weights, so that law is another: see below.
const tiny = { clip: 'learnt', at: 0.3 } as const;
const models: readonly Model[] = [
  lowBit(resnet({ depth: 8, width: 2 }), { bits: 4, activations: tiny }),
  lowBit(mlp({ hidden: [24, 16, 8], dropout: 0.3 }), { bits: 6, weights: 'tensor', activations: { clip: 'learnt', at: 0.7 } }),
  lowBit(cnn({ channels: [2, 3, 4] }), { bits: 2, activations: { clip: 'fixed', at: 2 } }),
];
for (const model of models) {
  testLaws(
    `laws of ${JSON.stringify(describePart(model).options)}`,
    modelLaws(model, { sites: [site] }).filter(({ name }) => !name.startsWith('saves as')),
  );
}

describe('quantised kernels', () => {
  const kernel = (): tf.Tensor => tf.tensor(normal(key(3), 3 * 3 * 4 * 5), [3, 3, 4, 5]);

  it.each([2, 3, 4, 8])('have at most 2^%i − 1 values a channel, evenly apart, symmetric, and near the weights', (bits) => {
    tf.tidy(() => {
      const channels = tf.unstack(quantiseKernel(kernel(), bits, [0, 1, 2]), 3).map(valuesOf);
      const originals = tf.unstack(kernel(), 3).map(valuesOf);
      const q = 2 ** (bits - 1) - 1;
      channels.forEach((values, channel) => {
        const original = originals[channel] ?? [];
        const size = original.map(Math.abs);
        const step = Math.min(Math.max(...size) / q, (2 * size.reduce((a, b) => a + b)) / size.length / Math.sqrt(q));
        values.forEach((value, index) => {
          const expected = Math.max(-q, Math.min(q, Math.floor((original[index] ?? NaN) / step + 0.5))) * step;
          expect(value).toBeCloseTo(expected, 5);
        });
      });
    });
  });

  it('get the gradient of what they stand for', scoped(() => {
    const weights = tf.tensor(normal(key(4), 180), [3, 3, 4, 5]);
    const slope = tf.grad((w) => tf.sum(tf.mul(quantiseKernel(w, 2, [0, 1, 2]), weights)))(kernel());
    expect(valuesOf(slope)).toEqual(valuesOf(weights));
  }));

  it('of zeros stay zeros', scoped(() => {
    expect(valuesOf(quantiseKernel(tf.zeros([2, 2]), 2, [0]))).toEqual([0, 0, 0, 0]);
  }));
});

describe('quantised activations', () => {
  it('are PACT’s, and so are the gradients', scoped(() => {
    const [x, clip] = [tf.tensor1d([0, 0.1, 0.4, 0.6, 0.99, 1.5, 7]), tf.scalar(1)];
    const third = (n: number): unknown => expect.closeTo(n / 3, 6);
    expect(valuesOf(quantiseActivations(x, clip, 2))).toEqual([0, third(0), third(1), third(2), third(3), third(3), third(3)]);
    const [dx, dclip] = tf.grads((x, clip) => tf.sum(tf.mul(quantiseActivations(x, clip, 2), tf.tensor1d([1, 2, 3, 4, 5, 6, 7]))))([x, clip]);
    expect(valuesOf(dx)).toEqual([1, 2, 3, 4, 5, 0, 0]);
    expect(valuesOf(dclip)).toEqual([13]);
  }));
});

describe('the first clip', () => {
  it.each([2, 3, 5, 8])('of %i bits misses the positive half of a normal distribution least', (bits) => {
    const { activations } = lowBit(mlp({ hidden: [4] }), { bits }).options as { activations: { at: number } };
    const n = 2 ** bits - 1;
    const missed = (clip: number): number => {
      let sum = 0;
      for (let x = 5e-5; x < 8; x += 1e-4) sum += (x - (Math.floor((Math.min(x, clip) * n) / clip + 0.5) * clip) / n) ** 2 * Math.exp((-x * x) / 2);
      return sum;
    };
    expect(missed(activations.at)).toBeLessThan(missed(activations.at - 0.05));
    expect(missed(activations.at)).toBeLessThan(missed(activations.at + 0.05));
  });
});

describe('lowBit', () => {
  const plain = resnet({ depth: 8, width: 2 });
  const image = (): tf.Tensor => tf.tensor(normal(key(2), 2 * 192), [2, 8, 8, 3]);
  const logitsOf = (network: Network<'logits'>): number[] => valuesOf(network.read(image(), ['logits'], { training: false }).logits);

  it('rounds what each rectifier gives, in taps too, and leaves the weights float', scoped(() => {
    const network = lowBit(plain, { bits: 2, activations: { clip: 'fixed', at: 3 } }).build(site, key(1));
    const other = plain.build(site, key(1));
    for (const signal of ['tap:block1', 'tap:last'] as const) {
      const values = new Set(valuesOf(network.read(image(), [signal], { training: false })[signal]));
      expect([...values].every((value) => [0, 1, 2, 3].includes(value))).toBe(true);
      expect(values.size).toBeGreaterThan(1);
    }
    for (const name of Object.keys(other.parameters)) expect(valuesOf(network.parameters[name])).toEqual(valuesOf(other.parameters[name]));
    expect(Object.keys(network.parameters)).toEqual(Object.keys(other.parameters));
    network.dispose();
    other.dispose();
  }));

  it('is the model itself with the rounded kernels in all but the first layer and the last', scoped(() => {
    const network = lowBit(plain, { bits: 3, activations: 'float' }).build(site, key(1));
    const other = plain.build(site, key(1));
    for (const [name, variable] of Object.entries(other.parameters)) {
      if (name.endsWith('/kernel') && !name.startsWith('stem') && !name.startsWith('logits')) variable.assign(quantiseKernel(variable, 3, [0, 1, 2]));
    }
    expect(logitsOf(network)).toEqual(logitsOf(other));
    network.dispose();
    other.dispose();
  }));

  it('of many bits is nearly the model', scoped(() => {
    const [network, other] = [lowBit(plain, { bits: 8, activations: { clip: 'fixed', at: 30 } }).build(site, key(1)), plain.build(site, key(1))];
    const [rounded, exact] = [logitsOf(network), logitsOf(other)];
    const size = Math.hypot(...exact);
    expect(Math.hypot(...rounded.map((value, index) => value - (exact[index] ?? NaN))) / size).toBeLessThan(0.05);
    expect(rounded).not.toEqual(exact);
    network.dispose();
    other.dispose();
  }));

  it('rounds depthwise kernels channel by channel', scoped(() => {
    const small = mobilenet({ stages: [{ expansion: 2, channels: 3, units: 2, stride: 2 }], stem: 2, features: 6 });
    const network = lowBit(small, { bits: 2, activations: 'float' }).build(site, key(1));
    const other = small.build(site, key(1));
    for (const [name, variable] of Object.entries(other.parameters)) {
      if (name.endsWith('depthwise_kernel')) variable.assign(quantiseKernel(variable, 2, [0, 1]));
      else if (name.endsWith('/kernel') && !name.startsWith('stem') && !name.startsWith('logits')) variable.assign(quantiseKernel(variable, 2, [0, 1, 2]));
    }
    expect(logitsOf(network)).toEqual(logitsOf(other));
    network.dispose();
    other.dispose();
  }));

  it('has the gradient of the network that the rounded kernels make, where nothing else is rounded', scoped(() => {
    const network = lowBit(plain, { bits: 4, activations: 'float' }).build(site, key(1));
    const other = plain.build(site, key(1));
    for (const [name, variable] of Object.entries(other.parameters)) {
      if (name.endsWith('/kernel') && !name.startsWith('stem') && !name.startsWith('logits')) variable.assign(quantiseKernel(variable, 4, [0, 1, 2]));
    }
    const slopes = (of: Network<'logits'>): readonly number[][] => {
      const variables = Object.values(of.parameters);
      const { grads } = tf.variableGrads(() => tf.sum(tf.square(of.read(image(), ['logits'], { training: true, key: tf.tensor1d([1, 2], 'int32') }).logits)), variables);
      return variables.map(({ name }) => valuesOf(grads[name]));
    };
    expect(slopes(network)).toEqual(slopes(other));
    network.dispose();
    other.dispose();
  }));

  it('learns at two bits, and moves its clips', scoped(() => {
    const network = lowBit(cnn({ channels: [4, 6, 8] }), { bits: 2 }).build(site, key(1));
    const classes = tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32');
    const x = tf.add(tf.mul(tf.tensor(normal(key(5), 6 * 192), [6, 8, 8, 3]), 0.5), tf.reshape(tf.oneHot(classes, 3), [6, 1, 1, 3]));
    const loss = (): tf.Scalar => tf.losses.softmaxCrossEntropy(tf.oneHot(classes, 3), network.read(x, ['logits'], { training: true, key: tf.tensor1d([1, 2], 'int32') }).logits);
    const before = loss().dataSync()[0] ?? NaN;
    const variables = Object.values(network.parameters);
    for (let step = 0; step < 30; step++) {
      tf.tidy(() => {
        const { grads } = tf.variableGrads(loss, variables);
        for (const variable of variables) variable.assign(tf.sub(variable, tf.mul(grads[variable.name] as tf.Tensor, 0.1)));
      });
    }
    expect(loss().dataSync()[0]).toBeLessThan(0.3 * before);
    expect(valuesOf(network.parameters['block2_relu1_clip/alpha'])).not.toEqual([Math.fround(1.95)]);
    network.dispose();
  }));

  it('saves the float weights and the clips, which plain tfjs loads', async () => {
    const network = lowBit(plain, { bits: 2 }).build(site, key(1));
    const clips = Object.keys(network.parameters).filter((name) => name.endsWith('_clip/alpha'));
    expect(clips).toHaveLength(7);
    expect(tf.tidy(() => clips.flatMap((name) => valuesOf(network.parameters[name])))).toEqual(clips.map(() => Math.fround(1.95)));
    const loaded = await tf.models.modelFromJSON(JSON.parse(network.layers.toJSON() as string) as Parameters<typeof tf.models.modelFromJSON>[0]);
    expect(loaded.weights.map((weight) => weight.originalName).sort()).toEqual([...Object.keys(network.parameters), ...Object.keys(network.buffers)].sort());
    loaded.setWeights(network.layers.getWeights());
    const other = plain.build(site, key(1));
    tf.tidy(() => {
      expect(valuesOf(loaded.predict(image()) as tf.Tensor)).toEqual(logitsOf(other));
    });
    loaded.dispose();
    other.dispose();
    network.dispose();
  });

  it('reads no value on the host', () => {
    const network = lowBit(plain, { bits: 2 }).build(site, key(1));
    const [x, words] = [image(), tf.tensor1d([1, 2], 'int32')];
    const engine = tf.engine() as unknown as Record<string, unknown>;
    const refuse = (): never => {
      throw new Error('not in a step');
    };
    try {
      // Batch norm and convolutions of cpu read in kernels; the engine's own reads are what a recorded step has none of.
      Object.assign(engine, { readSync: refuse, read: refuse });
      tf.dispose(network.read(x, ['logits'], { training: true, key: words }));
    } finally {
      Reflect.deleteProperty(engine, 'readSync');
      Reflect.deleteProperty(engine, 'read');
    }
    tf.dispose([x, words]);
    network.dispose();
  });

  it('refuses what makes no sense', () => {
    const before = tf.memory().numTensors;
    expect(() => lowBit(plain, { bits: 1 })).toThrow(new CodistillError('OPTION_INVALID', 'lowBit: bits must be an integer from 2 to 8, not 1.'));
    expect(() => lowBit(plain, { bits: 4, activations: { clip: 'fixed', at: 0 } })).toThrow('lowBit: activations: at must be a number above 0, not 0.');
    expect(() => lowBit(mlp({ hidden: [4] }), { bits: 4 }).build(site, key(1))).toThrow(
      new CodistillError('NOTHING_BETWEEN', "lowBit leaves the first and the last layer as they are, and model 'mlp' has none between: give it a deeper one"),
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

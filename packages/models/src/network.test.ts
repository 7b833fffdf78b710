import { readFileSync } from 'node:fs';
import { CodistillError, key, normal } from '@codistill/core';
import { testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { initialise } from './initialise.ts';
import { network } from './network.ts';
import { resnet } from './resnet.ts';

testOn('cpu');

type Symbolic = tf.SymbolicTensor;

const chain = (input: number[], ...layers: tf.layers.Layer[]): { readonly layers: tf.LayersModel; readonly outputs: readonly Symbolic[] } => {
  const x = tf.input({ shape: input, name: 'input' });
  const outputs: Symbolic[] = [];
  for (const layer of layers) outputs.push(layer.apply(outputs.at(-1) ?? x) as Symbolic);
  return { layers: tf.model({ inputs: x, outputs: outputs.at(-1) as Symbolic }), outputs };
};

const draws = (step: number): tf.Tensor1D => tf.tensor1d([1, step], 'int32');
const gap = (a: tf.Tensor, b: tf.Tensor): number => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] ?? NaN);

/** A scope that frees what a test makes, networks aside. */
const scoped = (body: () => void) => (): void => {
  tf.tidy(body);
};

describe('batch norm in a network', () => {
  const golden = JSON.parse(readFileSync(new URL('./batch-norm.golden.json', import.meta.url), 'utf8')) as {
    params: { eps: number; momentum: number };
    inputs: { x: number[][][][]; gamma: number[]; beta: number[] };
    output: number[][][][];
    grads: { gamma: number[]; beta: number[] };
    state: { running_mean: number[]; running_var_biased: number[] };
  };

  it(
    'trains as PyTorch does, and moves the averages as TensorFlow does',
    scoped(() => {
      const { params, inputs, output, grads, state } = golden;
      const x = tf.tensor4d(inputs.x);
      const { layers, outputs } = chain(x.shape.slice(1), tf.layers.batchNormalization({ momentum: params.momentum, epsilon: params.eps, name: 'bn' }));
      const net = network(layers, { 'tap:bn': outputs[0] as Symbolic });
      net.parameters['bn/gamma']?.assign(tf.tensor1d(inputs.gamma));
      net.parameters['bn/beta']?.assign(tf.tensor1d(inputs.beta));

      const trained = tf.variableGrads(() => tf.mean(tf.square(net.read(x, ['tap:bn'], { training: true, key: draws(0) })['tap:bn'])), Object.values(net.parameters));
      expect(gap(trained.grads[net.parameters['bn/gamma']?.name ?? ''] as tf.Tensor, tf.tensor1d(grads.gamma))).toBeLessThan(1e-6);
      expect(gap(trained.grads[net.parameters['bn/beta']?.name ?? ''] as tf.Tensor, tf.tensor1d(grads.beta))).toBeLessThan(1e-6);
      expect(gap(net.buffers['bn/moving_mean'] as tf.Tensor, tf.tensor1d(state.running_mean))).toBeLessThan(1e-6);
      expect(gap(net.buffers['bn/moving_variance'] as tf.Tensor, tf.tensor1d(state.running_var_biased))).toBeLessThan(1e-6);

      const again = net.read(x, ['tap:bn'], { training: true, key: draws(0) });
      expect(gap(again['tap:bn'], tf.tensor4d(output))).toBeLessThan(1e-5);
      net.dispose();
    }),
  );

  it(
    'does what the stock layer does, in training and in inference, for any rank, with or without scale and shift',
    scoped(() => {
      for (const shape of [[6, 3], [4, 5, 3], [2, 3, 3, 3]]) {
        const build = (): ReturnType<typeof chain> => chain(shape.slice(1), tf.layers.batchNormalization({ name: 'bn' }));
        const [ours, stock] = [build(), build()];
        const net = network(ours.layers, { 'tap:bn': ours.outputs[0] as Symbolic });
        const x = tf.tensor(normal(key(2), shape.reduce((a, b) => a * b, 1)), shape).add(3);
        const trained = net.read(x, ['tap:bn'], { training: true, key: draws(0) })['tap:bn'];
        expect(gap(trained, stock.layers.apply(x, { training: true }) as tf.Tensor)).toBeLessThan(1e-5);
        expect(gap(net.buffers['bn/moving_mean'] as tf.Tensor, stock.layers.weights[2]?.read() as tf.Tensor)).toBeLessThan(1e-6);
        expect(gap(net.buffers['bn/moving_variance'] as tf.Tensor, stock.layers.weights[3]?.read() as tf.Tensor)).toBeLessThan(1e-6);
        const inferred = net.read(x, ['tap:bn'], { training: false })['tap:bn'];
        expect(gap(inferred, stock.layers.apply(x) as tf.Tensor)).toBeLessThan(1e-5);
        net.dispose();
        stock.layers.dispose();
      }
      const { layers, outputs } = chain([3], tf.layers.batchNormalization({ name: 'bn', scale: false, center: false }));
      const net = network(layers, { 'tap:bn': outputs[0] as Symbolic });
      expect(Object.keys(net.parameters)).toEqual([]);
      const y = net.read(tf.tensor2d([[1, 2, 3], [3, 2, 1]]), ['tap:bn'], { training: true, key: draws(0) })['tap:bn'];
      expect(gap(y, tf.tensor2d([[-1, 0, 1], [1, 0, -1]]))).toBeLessThan(1e-3);
      net.dispose();
    }),
  );

  it(
    'that is frozen infers in training too, and rests',
    scoped(() => {
      const { layers, outputs } = chain([3], tf.layers.batchNormalization({ name: 'bn', trainable: false }), tf.layers.dense({ units: 2, name: 'head' }));
      const net = network(layers, { 'tap:bn': outputs[0] as Symbolic });
      expect(Object.keys(net.parameters)).toEqual(['head/kernel', 'head/bias']);
      expect(Object.keys(net.buffers).sort()).toEqual(['bn/beta', 'bn/gamma', 'bn/moving_mean', 'bn/moving_variance']);
      const x = tf.tensor2d([[1, 2, 3], [3, 2, 1]]);
      expect(gap(net.read(x, ['tap:bn'], { training: true, key: draws(0) })['tap:bn'], net.read(x, ['tap:bn'], { training: false })['tap:bn'])).toBe(0);
      expect(gap(net.buffers['bn/moving_mean'] as tf.Tensor, tf.zeros([3]))).toBe(0);
      net.dispose();
    }),
  );
});

describe('dropout in a network', () => {
  const build = () => {
    const { layers, outputs } = chain([4, 32], tf.layers.dropout({ rate: 0.5, name: 'first' }), tf.layers.dropout({ rate: 0.5, name: 'second' }));
    return network(layers, { 'tap:first': outputs[0] as Symbolic, 'tap:second': outputs[1] as Symbolic });
  };
  const read = (net: ReturnType<typeof build>, step: number) => {
    const { 'tap:first': first, 'tap:second': second } = net.read(tf.ones([1, 4, 32]), ['tap:first', 'tap:second'], { training: true, key: draws(step) });
    return [[...first.dataSync()], [...second.dataSync()]] as const;
  };

  it(
    'has one mask per key and per layer, none in inference',
    scoped(() => {
      const net = build();
      const [[first, both], [again], [other]] = [read(net, 0), read(net, 0), read(net, 1)];
      expect(first).toEqual(again);
      expect(first).not.toEqual(other);
      // Were the masks one, whatever passes the first would pass the second.
      expect(first.filter((value, index) => value === 2 && both[index] === 0).length).toBeGreaterThan(20);
      expect(gap(net.read(tf.ones([1, 4, 32]), ['tap:second'], { training: false })['tap:second'], tf.ones([1, 4, 32]))).toBe(0);
      net.dispose();
    }),
  );

  it(
    'takes whole channels where the layer is spatial, and shares masks along noiseShape',
    scoped(() => {
      const spatial = tf.layers.spatialDropout1d({ rate: 0.5, name: 'spatial' });
      const shared = tf.layers.dropout({ rate: 0.5, name: 'shared', noiseShape: [1, 4, 32] });
      for (const [layer, batch] of [[spatial, 1], [shared, 3]] as const) {
        const { layers, outputs } = chain([4, 32], layer);
        const net = network(layers, { 'tap:y': outputs[0] as Symbolic });
        const y = net.read(tf.ones([batch, 4, 32]), ['tap:y'], { training: true, key: draws(0) })['tap:y'];
        const rows = y.reshape([-1, batch === 1 ? 32 : 128]).arraySync() as number[][];
        expect(new Set(rows[0]).size).toBe(2);
        for (const row of rows) expect(row).toEqual(rows[0]);
        net.dispose();
      }
    }),
  );

  it(
    'still works for plain tfjs, which knows no key',
    scoped(() => {
      const net = build();
      const y = net.layers.apply(tf.ones([1, 4, 32]), { training: true }) as tf.Tensor;
      expect([...y.dataSync()].some((value) => value === 0)).toBe(true);
      net.dispose();
    }),
  );
});

describe('network', () => {
  const small = resnet({ depth: 8, width: 2 });
  const site = { input: [8, 8, 3], classes: 3 };
  const convolutions = 9;

  it('computes all its signals in one pass, and a tap without what lies behind it', async () => {
    const net = small.build(site, key(1));
    const x = tf.ones([2, 8, 8, 3]);
    const kernelsOf = async (signals: typeof small.emits): Promise<readonly string[]> => {
      let readings = {};
      const { kernels } = await tf.profile(() => (readings = net.read(x, signals, { training: false })));
      tf.dispose(readings);
      return kernels.map(({ name }) => name);
    };
    const count = (kernels: readonly string[]): number => kernels.filter((name) => name.includes('Conv2D')).length;
    expect(count(await kernelsOf(small.emits))).toBe(convolutions);
    expect(count(await kernelsOf(['logits']))).toBe(convolutions);
    expect(count(await kernelsOf(['tap:block1']))).toBe(3);
    expect(await kernelsOf([])).toEqual([]);
    x.dispose();
    net.dispose();
  });

  it('computes no gradient of the image', async () => {
    const net = small.build(site, key(1));
    const [x, words] = [tf.ones([2, 8, 8, 3]), draws(0)];
    const { kernels } = await tf.profile(() => {
      tf.dispose(tf.variableGrads(() => tf.mean(tf.square(net.read(x, ['logits'], { training: true, key: words }).logits)), Object.values(net.parameters)));
    });
    const count = (kernel: string): number => kernels.filter(({ name }) => name === kernel).length;
    expect([count('Conv2D'), count('Conv2DBackpropFilter'), count('Conv2DBackpropInput')]).toEqual([convolutions, convolutions, convolutions - 1]);
    tf.dispose([x, words]);
    net.dispose();
  });

  it('gives every signal a tensor of its own, though two read one layer', () => {
    const net = small.build(site, key(1));
    const x = tf.ones([1, 8, 8, 3]);
    const { 'tap:last': last, 'tap:block3': block3 } = net.read(x, ['tap:last', 'tap:block3'], { training: false });
    expect(gap(last, block3)).toBe(0);
    last.dispose();
    expect(block3.isDisposed).toBe(false);
    tf.dispose([block3, x]);
    net.dispose();
  });

  it('keeps the tensor count flat over steps', () => {
    const net = small.build(site, key(1));
    const counts = Array.from({ length: 4 }, (_, step) => {
      tf.tidy(() => {
        tf.variableGrads(() => tf.mean(tf.square(net.read(tf.ones([2, 8, 8, 3]), ['logits'], { training: true, key: draws(step) }).logits)), Object.values(net.parameters));
      });
      return tf.memory().numTensors;
    });
    expect(new Set(counts).size).toBe(1);
    net.dispose();
  });

  it('reads no value and draws nothing on the host', () => {
    const { layers, outputs } = chain([6], tf.layers.dense({ units: 5, name: 'a' }), tf.layers.batchNormalization({ name: 'b' }), tf.layers.dropout({ rate: 0.5, name: 'c' }));
    initialise(layers, key(1));
    const net = network(layers, { 'tap:c': outputs[2] as Symbolic });
    const [x, words] = [tf.ones([4, 6]), draws(0)];
    const engine = tf.engine() as unknown as Record<string, unknown>;
    const [readSync, read, random] = [engine['readSync'], engine['read'], Math.random];
    const refuse = (): never => {
      throw new Error('not in a step');
    };
    try {
      Object.assign(engine, { readSync: refuse, read: refuse });
      Math.random = refuse;
      net.read(x, ['tap:c'], { training: true, key: words })['tap:c'].dispose();
    } finally {
      Object.assign(engine, { readSync, read });
      Math.random = random;
    }
    tf.dispose([x, words]);
    net.dispose();
  });

  it('names variables as the saved model does', () => {
    const net = small.build(site, key(1));
    expect(Object.keys(net.parameters).slice(0, 4)).toEqual(['stem_conv1/kernel', 'stem_bn1/gamma', 'stem_bn1/beta', 'block1_unit1_conv1/kernel']);
    expect(Object.keys(net.buffers).slice(0, 2)).toEqual(['stem_bn1/moving_mean', 'stem_bn1/moving_variance']);
    net.dispose();
  });
});

describe('network refuses', () => {
  const refusal = (layers: tf.LayersModel, taps: Readonly<Record<`tap:${string}`, Symbolic>> = {}): CodistillError => {
    try {
      network(layers, { ...taps, logits: layers.outputs[0] as Symbolic }).dispose();
    } catch (error) {
      layers.dispose();
      if (error instanceof CodistillError) return error;
    }
    throw new Error('it was not refused');
  };
  const dense = (name: string) => tf.layers.dense({ units: 2, name });

  it('a signal of another model', () => {
    const [one, other] = [chain([3], dense('a'), dense('b')), chain([3], dense('c'))];
    const error = refusal(one.layers, { 'tap:c': other.outputs[0] as Symbolic });
    other.layers.dispose();
    expect(error.code).toBe('SIGNAL_FOREIGN');
    expect(error.message).toBe("'tap:c' is not read from a layer of the model: give the output of one of its layers 'input', 'a' and 'b'");
  });

  it('to read what it does not emit', () => {
    const { layers, outputs } = chain([3], dense('a'));
    const net = network(layers, { logits: outputs[0] as Symbolic });
    const x = tf.ones([1, 3]);
    expect(() => net.read(x, ['tap:x' as 'logits'], { training: false })).toThrow("the network does not emit 'tap:x': it emits 'logits'");
    x.dispose();
    net.dispose();
  });

  it('layers inside whose variables have one name', () => {
    const inner = (name: string): tf.Sequential => tf.sequential({ name, layers: [tf.layers.dense({ units: 3, inputShape: [3], name: 'same' })] });
    const { layers } = chain([3], inner('one'), inner('two'));
    const error = refusal(layers);
    expect(error.message).toBe("two layers of the model have a variable 'same/kernel': give each layer a name of its own");
  });

  it.each([
    ['GaussianNoise', () => tf.layers.gaussianNoise({ stddev: 1, name: 'noise' })],
    ['GaussianDropout', () => tf.layers.gaussianDropout({ rate: 0.5, name: 'noise' })],
    ['AlphaDropout', () => tf.layers.alphaDropout({ rate: 0.5, name: 'noise' })],
    ['LSTM', () => tf.layers.lstm({ units: 2, dropout: 0.5, name: 'noise' })],
  ] as readonly [string, () => tf.layers.Layer][])('%s, which draws on the host', (kind, layer) => {
    const error = refusal(chain([4, 3], layer()).layers);
    expect(error.code).toBe('DRAWS_ON_HOST');
    expect(error.message).toBe(
      `layer 'noise' (${kind}) draws random numbers of its own, so that no step could be repeated: use dropout layers, or augment the data with a view`,
    );
  });

  it('a layer that keeps state', () => {
    const x = tf.input({ batchShape: [1, 4, 3], name: 'input' });
    const memory = tf.layers.lstm({ units: 2, stateful: true, name: 'memory' });
    const error = refusal(tf.model({ inputs: x, outputs: memory.apply(x) as Symbolic }));
    // tfjs does not free the state with the layer.
    tf.dispose((memory as unknown as { readonly states: tf.Tensor[] }).states);
    expect(error.code).toBe('KEEPS_STATE');
    expect(error.message).toContain("layer 'memory' (LSTM) keeps state from one batch to the next");
  });

  it('batch norm of another axis than the last', () => {
    const error = refusal(chain([3, 4, 4], tf.layers.batchNormalization({ axis: 1, name: 'bn' })).layers);
    expect(error.code).toBe('NORMALISES_AXIS');
    expect(error.message).toBe("layer 'bn' (BatchNormalization) normalises axis 1: only the last axis is supported, so build the model channels last");
  });
});

import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { type BackendCandidate, CodistillError, KEYED_UNIFORM, say, uniform } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { chooseBackend } from './choose-backend.ts';
import { cpu } from './cpu/cpu.ts';

const root = join(import.meta.dirname, '../../..');
const variable = process.env['CODISTILL_BACKEND'];
afterEach(() => {
  if (variable === undefined) delete process.env['CODISTILL_BACKEND'];
  else process.env['CODISTILL_BACKEND'] = variable;
});

describe('the choice', () => {
  it('is wasm, says so, and stays', async () => {
    delete process.env['CODISTILL_BACKEND'];
    const [blob, address, cores] = [globalThis.Blob, URL.createObjectURL, cpus().length];
    const chosen = await chooseBackend();
    expect(chosen).toEqual({ name: 'wasm', how: 'SIMD, 1 thread', line: 'backend: wasm (SIMD, 1 thread); the best there is here', threads: 1 });
    expect(await chooseBackend()).toEqual(chosen);
    expect(tf.getBackend()).toBe('wasm');
    expect([globalThis.Blob, URL.createObjectURL, cpus().length]).toEqual([blob, address, cores]);
  });

  it('heeds the environment, and an option before it', async () => {
    process.env['CODISTILL_BACKEND'] = 'cpu';
    expect((await chooseBackend()).name).toBe('cpu');
    expect(tf.getBackend()).toBe('cpu');
    expect((await chooseBackend({ prefer: 'wasm' })).name).toBe('wasm');
  });

  it('refuses what there is not', async () => {
    await expect(chooseBackend({ prefer: 'webgl' })).rejects.toThrow("there is no backend 'webgl': there are 'wasm', 'cpu'");
    await expect(chooseBackend({ threads: 0 })).rejects.toThrow('the number of threads must be a positive integer but is 0');
  });
});

describe('candidates', () => {
  const failing = (name: string, error: Error): BackendCandidate => ({ name, backend: name, start: () => Promise.reject(error) });
  const absent = new CodistillError('NATIVE_ABSENT', say.native.absent('native'));

  it('are tried in order, and the line says why the better ones are not used, each reason once', async () => {
    delete process.env['CODISTILL_BACKEND'];
    const { line, name } = await chooseBackend({ candidates: [failing('native-gpu', absent), failing('native', absent), failing('abacus', new Error('no beads')), cpu()] });
    expect(name).toBe('cpu');
    expect(line).toBe('backend: cpu (plain JavaScript, for reference); native is not installed: npx codistill-native install; abacus does not start here (no beads)');
  });

  it('that are asked for and do not start are errors, and so is it where none starts', async () => {
    await expect(chooseBackend({ candidates: [failing('native', absent), cpu()], prefer: 'native' })).rejects.toBe(absent);
    await expect(chooseBackend({ candidates: [failing('abacus', new Error('no beads')), cpu()], prefer: 'abacus' })).rejects.toThrow(
      "backend 'abacus' does not start here (no beads): choose another with CODISTILL_BACKEND, or leave the choice to codistill",
    );
    await expect(chooseBackend({ candidates: [failing('abacus', new Error('no beads')), failing('native', absent)] })).rejects.toThrow('abacus does not start here (no beads); native is not installed');
  });

  it('of the same name are tried in order, and get the threads somebody asked for', async () => {
    const asked: unknown[] = [];
    const own: BackendCandidate = {
      name: 'own',
      backend: 'cpu',
      start: async (options) => {
        asked.push(options);
        await tf.setBackend('cpu');
        return { how: 'by hand', threads: 3 };
      },
    };
    const chosen = await chooseBackend({ candidates: [failing('own', new Error('not today')), own], prefer: 'own', threads: 3 });
    expect(chosen).toEqual({ name: 'cpu', how: 'by hand', threads: 3, line: 'backend: own (by hand); own does not start here (not today); it was asked for' });
    expect(asked).toEqual([{ threads: 3 }]);
  });
});

describe.each(['wasm', 'cpu'])('on %s', (name) => {
  beforeEach(async () => {
    await chooseBackend({ prefer: name });
  });

  it('keyed uniform numbers are those of core, to the bit', () => {
    const words = tf.tensor1d([-5, 7], 'int32');
    const drawn = tf.engine().runKernel<tf.Tensor>(KEYED_UNIFORM, { key: words }, { shape: [3, 5], stream: 2 });
    expect(drawn.dataSync()).toEqual(uniform([0xfffffffb, 7], 15, 2));
    tf.dispose([words, drawn]);
  });

  it('one-hot of float32 is 1 and 0', () => {
    tf.tidy(() => {
      expect([...tf.oneHot(tf.tensor1d([1, 0], 'int32'), 3, 1, 0, 'float32').dataSync()]).toEqual([0, 1, 0, 1, 0, 0]);
    });
  });

  it('max pooling sends gradients to negative windows', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([-4, -3, -2, -1], [1, 2, 2, 1]);
      expect([...tf.grad((at: tf.Tensor) => tf.maxPool(at as tf.Tensor4D, 2, 2, 'valid').sum())(x).dataSync()]).toEqual([0, 0, 0, 1]);
    });
  });

  it("'same' convolutions that leave a rim unused", () => {
    tf.tidy(() => {
      const x = tf.reshape<tf.Rank.R4>(tf.range(0, 36), [1, 6, 6, 1]);
      // Two outputs each way, 3 apart; 2 × 2 windows begin at 0 and 3.
      const expected = [0, 3].flatMap((row) => [0, 3].map((column) => 4 * (6 * row + column) + 1 + 6 + 7));
      expect([...tf.conv2d(x, tf.ones([2, 2, 1, 1]), 3, 'same').dataSync()]).toEqual(expected);
      expect([...tf.depthwiseConv2d(x, tf.ones([2, 2, 1, 1]), 3, 'same').dataSync()]).toEqual(expected);
    });
  });

  it('steps of training leave no tensor behind', () => {
    const [x, kernel] = [tf.ones<tf.Rank.R4>([2, 6, 6, 2]), tf.variable(tf.ones<tf.Rank.R4>([3, 3, 2, 2]))];
    const before = tf.memory().numTensors;
    for (let step = 0; step < 50; step++) {
      tf.tidy(() => {
        const { grads } = tf.variableGrads(() => tf.maxPool(tf.conv2d(x, kernel, 1, 'same'), 2, 2, 'same').square().sum(), [kernel]);
        for (const gradient of Object.values(grads)) kernel.assign(kernel.sub(gradient.mul(1e-6)));
      });
    }
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, kernel]);
  });
});

describe.each(['wasm', 'cpu'])('padding that does not fit on %s', (name) => {
  const x = (): tf.Tensor4D => tf.ones([1, 6, 7, 1]);

  it.each([
    ['Conv2D', 'of 1', '3×2', '1×1', () => tf.conv2d(x(), tf.ones([3, 2, 1, 1]), 1, 1)],
    ['Conv2D', 'of 1', '3×3', '2×1', () => tf.conv2d(x(), tf.ones([3, 3, 1, 1]), [2, 1], 1)],
    ['Conv2D', 'of 0', '3×3', '2×2', () => tf.conv2d(x(), tf.ones([3, 3, 1, 1]), 2, 0, 'NHWC', 1, 'ceil')],
    ['DepthwiseConv2dNative', 'of 1', '2×3', '1×1', () => tf.depthwiseConv2d(x(), tf.ones([2, 3, 1, 1]), 1, 1)],
    ['MaxPool', 'of 1', '3×2', '1×1', () => tf.maxPool(x(), [3, 2], 1, 1)],
    ['AvgPool', 'of 1', '3×2', '1×1', () => tf.avgPool(x(), [3, 2], 1, 1)],
  ] as const)('%s, %s, filter %s, strides %s', async (op, padding, filter, strides, f) => {
    await chooseBackend({ prefer: name });
    expect(() => tf.tidy(f)).toThrow(
      `${op} with padding ${padding}, a ${filter} filter and strides of ${strides} gets a size in tfjs that does not fit its windows: use 'same', 'valid' or padding per side, and no rounding but 'floor'`,
    );
  });
});

it('memory that wasm does not have is a sentence, and nothing that was there is lost', async () => {
  await chooseBackend({ prefer: 'wasm' });
  const x = tf.tensor1d([1, 2, 3]);
  // More than is left of 4 GB, and more than an address can say.
  for (const [rows, room] of [[42_949, '4095.9'], [50_000, '4768.4']] as const) {
    expect(() => tf.tidy(() => tf.tile(tf.ones([1, 25_000]), [rows, 1]))).toThrow(
      `the wasm backend has no room for another ${room} MB (its memory ends at 4 GB): train with smaller batches, smaller images or a smaller model`,
    );
  }
  expect([...x.add(1).dataSync()]).toEqual([2, 3, 4]);
});

/** A user's program, on the compiled package, in a process of its own: trains a little and prints the weights. */
const program = `
import * as tf from '@tensorflow/tfjs';
import { chooseBackend } from '@codistill/backend';
const { threads } = await chooseBackend({ prefer: 'wasm', threads: Number(process.argv[1]) });
const x = tf.range(0, 2 * 12 * 12 * 3).sin().reshape([2, 12, 12, 3]);
const kernel = tf.variable(tf.range(0, 3 * 3 * 3 * 8).cos().reshape([3, 3, 3, 8]));
for (let step = 0; step < 5; step++) {
  tf.tidy(() => {
    const { grads } = tf.variableGrads(() => tf.conv2d(x, kernel, 1, 'same').relu().square().mean(), [kernel]);
    for (const gradient of Object.values(grads)) kernel.assign(kernel.sub(gradient.mul(0.1)));
  });
}
console.log(threads, Buffer.from(kernel.dataSync().buffer).toString('base64').slice(0, 400));
`;

it('a process ends by itself with any number of threads, with the same bits', () => {
  const outputs = [1, 2].map((threads) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, String(threads)], {
      cwd: root,
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.trim().split(' ');
  });
  expect(outputs.map(([threads]) => threads)).toEqual(['1', '2']);
  expect(outputs[0]?.[1]).toBe(outputs[1]?.[1]);
});

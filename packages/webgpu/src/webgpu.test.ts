import { spawnSync } from 'node:child_process';
import { cpu } from '@codistill/backend';
import { CodistillError, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { describeOnWebgpu } from './describe-on-webgpu.ts';
import { isSoftware, mayHaveCard } from './open-adapter.ts';
import { webgpu } from './webgpu.ts';
import { defineGlobals, withNavigator } from './with-globals.ts';

const refusal = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'nothing was refused';
  } catch (error) {
    expect(error).toBeInstanceOf(CodistillError);
    return (error as CodistillError).message;
  }
};

it('what is missing is one sentence', () => {
  expect(say.backend.webgpuAbsent()).toBe('webgpu is not installed: npm install webgpu@0.6.2 @tensorflow/tfjs-backend-webgpu@4.22.0');
  expect(say.backend.webgpuBroken('GLIBC_2.34 not found')).toBe('webgpu does not load (GLIBC_2.34 not found): install webgpu@0.6.2 and @tensorflow/tfjs-backend-webgpu@4.22.0');
  expect(say.backend.webgpuNoCard()).toBe('webgpu finds no graphics card');
});

it.each([
  ['mesa', 'software', 'llvmpipe-llvm-15-0-6-256-bits-', 'llvmpipe: Mesa 25.0.7-2~bpo12+1 (LLVM 15.0.6) 0.0.1', true],
  ['google', 'swiftshader', 'swiftshader-device-subzero-', 'SwiftShader driver 5.0.0', true],
  ['microsoft', 'warp', '', 'Microsoft Basic Render Driver', true],
  ['nvidia', 'hopper', 'nvidia-h100-80gb-hbm3', 'NVIDIA: 570.124.06', false],
  ['amd', 'rdna-3', 'radv-navi31', 'radv: Mesa 25.0.7', false],
  ['apple', 'metal-3', 'apple-m3', 'Metal driver on macOS', false],
])('%s %s computes in software or not', (vendor, architecture, device, description, expected) => {
  expect(isSoftware({ vendor, architecture, device, description })).toBe(expected);
  // Who says so of itself is believed.
  expect(isSoftware({ vendor, architecture, device, description, isFallbackAdapter: true })).toBe(true);
});

it('the navigator is there for as long as it is needed, and what it was before', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const gpu = {} as GPU;
  expect(withNavigator(gpu, () => navigator.gpu)).toBe(gpu);
  expect(() =>
    withNavigator(gpu, () => {
      throw new Error('no device');
    }),
  ).toThrow('no device');
  expect(Object.getOwnPropertyDescriptor(globalThis, 'navigator')).toEqual(before);
});

it('globals that are there stay as they are', () => {
  const own = { READ: 1 };
  const { GPUMapMode: before } = globalThis as { GPUMapMode?: unknown };
  Object.assign(globalThis, { GPUMapMode: own });
  defineGlobals({ GPUMapMode: { READ: 2 } });
  expect((globalThis as { GPUMapMode?: unknown }).GPUMapMode).toBe(own);
  if (before === undefined) Reflect.deleteProperty(globalThis, 'GPUMapMode');
  else Object.assign(globalThis, { GPUMapMode: before });
});

/** A user's program, on the compiled package, in a process of its own. */
const run = (body: string): { readonly status: number | null; readonly said: unknown; readonly stderr: string } => {
  const program = `import * as tf from '@tensorflow/tfjs';
    import { chooseBackend, cpu } from '@codistill/backend';
    import { webgpu } from '@codistill/webgpu';
    const say = (what) => console.log(JSON.stringify(what));
    const asked = () => chooseBackend({ candidates: [webgpu(), cpu(), webgpu({ software: true })], prefer: 'webgpu' });
    ${body}`;
  const { CODISTILL_BACKEND: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', program], {
    cwd: new URL('../../..', import.meta.url),
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...env, NODE_OPTIONS: '' },
  });
  return { status, said: stdout === '' ? undefined : JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), stderr };
};

it('nothing happens on import, and without a card another backend runs', () => {
  const { status, said } = run(`
    const globals = Object.getOwnPropertyNames(globalThis).filter((name) => name.startsWith('GPU') || name === 'navigator');
    const factory = tf.findBackendFactory('webgpu');
    const { line } = await chooseBackend({ candidates: [webgpu(), cpu(), webgpu({ software: true })] });
    say({ globals, factory, line });`);
  expect(status).toBe(0);
  const { globals, factory, line } = said as { globals: string[]; factory: unknown; line: string };
  expect(globals).toEqual('navigator' in globalThis ? ['navigator'] : []);
  expect(factory).toBeNull();
  if (mayHaveCard()) expect(line).toMatch(/^backend: (webgpu|cpu) \(/);
  else expect(line).toBe('backend: cpu (plain JavaScript, for reference); webgpu finds no graphics card');
});

await describeOnWebgpu('the webgpu backend', () => {
  it('starts, and says on what; what runs in software is refused where nobody asked for it', async () => {
    const { how } = await webgpu({ software: true }).start({});
    expect(tf.getBackend()).toBe('webgpu');
    expect(how).not.toBe('');
    if (how.endsWith(', in software')) {
      const device = how.replace(', in software', '');
      await cpu().start({});
      expect(await refusal(webgpu().start({}))).toBe(`webgpu finds no graphics card, only ${device}, which computes in software: ask for 'webgpu' by name to use it`);
      expect(tf.getBackend()).toBe('cpu');
    } else {
      expect((await webgpu().start({})).how).toBe(how);
    }
  });

  it('reads nothing at once, and says how to read', async () => {
    await webgpu({ software: true }).start({});
    const doubled = tf.tidy(() => tf.fill([64, 64], 1.5).mul(2));
    expect(() => doubled.dataSync()).toThrow("the webgpu backend cannot wait for values: read them with 'await tensor.data()', not with dataSync(), arraySync() or print()");
    expect((await doubled.data())[4095]).toBe(3);
    // What was read is on the host as well.
    expect(doubled.dataSync()[0]).toBe(3);
    doubled.dispose();
  });

  it('trains in a process that ends by itself, whatever is collected, and leaves few globals', () => {
    const { status, said } = run(`
      const { line } = await asked();
      gc();
      const kernel = tf.variable(tf.range(0, 3 * 3 * 3 * 8).cos().reshape([3, 3, 3, 8]));
      const x = tf.range(0, 2 * 12 * 12 * 3).sin().reshape([2, 12, 12, 3]);
      const losses = [];
      for (let step = 0; step < 3; step++) {
        const loss = tf.tidy(() => {
          const { value, grads } = tf.variableGrads(() => tf.conv2d(x, kernel, 1, 'same').relu().square().mean(), [kernel]);
          kernel.assign(kernel.sub(grads[kernel.name].mul(0.05)));
          return value;
        });
        losses.push((await loss.data())[0]);
        gc();
      }
      say({ line, losses, enumerable: Object.keys(globalThis).filter((name) => name.startsWith('GPU')), navigator: globalThis.navigator?.gpu === undefined });`);
    expect(status).toBe(0);
    const { line, losses, enumerable, navigator } = said as { line: string; losses: number[]; enumerable: string[]; navigator: boolean };
    expect(line).toMatch(/^backend: webgpu \(.+\); (webgpu finds no graphics card.*; )?it was asked for$/);
    expect(losses).toHaveLength(3);
    expect(losses[2]).toBeLessThan(losses[0] ?? 0);
    expect({ enumerable, navigator }).toEqual({ enumerable: [], navigator: true });
  });

  it('says so where the device has no room, and gives no zeros for numbers', () => {
    const { status, said, stderr } = run(`
      await asked();
      const limit = tf.backend().device.limits.maxStorageBufferBindingSize;
      // Twice what a shader can be given; nothing of it is on the host.
      const rows = Math.ceil(limit / 4 / 1024) * 2;
      const sums = tf.tidy(() => tf.mean(tf.mul(tf.fill([rows, 1024], 3), 2)));
      say(await sums.data().then((values) => [...values], ({ code, message }) => ({ code, message })));`);
    expect(status).toBe(0);
    expect(said).toEqual({ code: 'WEBGPU_FAILED', message: expect.stringMatching(/^the graphics device failed, and what it computed is lost \(.*[^.]\): train with smaller batches or a smaller model, or choose another backend with CODISTILL_BACKEND$/) as string });
    expect(stderr).not.toContain('validation');
  });
});

import { spawnSync } from 'node:child_process';
import { CodistillError, say } from '@codistill/core';
import { describeOnNative } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { native, nativeGpu } from './native.ts';
import { loadTfjsNode } from './session/load-tfjs-node.ts';

it('what is not installed is one sentence with its repair', () => {
  expect(say.native.absent('native')).toBe('native is not installed: npx codistill-native install');
  expect(say.native.noGpuBuild()).toBe('the GPU is not used: npx codistill-native install --gpu');
  expect(say.native.space('/a', 1134, 12)).toBe('installing native TensorFlow needs 1134 MB but /a has 12 MB free: make room, or name another folder with CODISTILL_CACHE');
});

/** A program whose process has TensorFlow to itself: prints what its environment and the backend say. */
const program = `
import { native } from '@codistill/native';
const { how, threads, compile } = await native().start(JSON.parse(process.argv[1]));
const { TF_ENABLE_ONEDNN_OPTS, TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE, TF_CPP_MIN_LOG_LEVEL, TF_NUM_INTRAOP_THREADS } = process.env;
console.log(JSON.stringify({ how, threads, compiles: compile !== undefined, TF_ENABLE_ONEDNN_OPTS, TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE, TF_CPP_MIN_LOG_LEVEL, TF_NUM_INTRAOP_THREADS }));
`;

const inProcess = (options: object, environment: NodeJS.ProcessEnv): unknown => {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(options)], {
    cwd: new URL('../../..', import.meta.url),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...environment },
  });
  return JSON.parse(stdout);
};

describeOnNative('the native backend', [loadTfjsNode], () => {
  it('starts, and says on what', async () => {
    const { how, compile } = await native().start({});
    expect(how).toMatch(/^TensorFlow 2\.21\.0 on the (CPU|GPU)$/);
    expect(compile).toBeDefined();
    expect(tf.getBackend()).toBe('tensorflow');
  });

  it('on a GPU is refused in a sentence where there is none', async () => {
    await nativeGpu().start({}).catch((error: unknown) => {
      expect(error).toBeInstanceOf(CodistillError);
      expect([say.native.noCard(), say.native.noGpu(), say.native.noGpuBuild()]).toContain((error as CodistillError).message);
    });
  });

  it('has defaults that its user overrides', () => {
    const usual = inProcess({}, {});
    expect(usual).toEqual(expect.objectContaining({ compiles: true, TF_ENABLE_ONEDNN_OPTS: '1', TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE: 'false', TF_CPP_MIN_LOG_LEVEL: '2' }));
    expect(inProcess({ threads: 1 }, { TF_ENABLE_ONEDNN_OPTS: '0' })).toEqual(expect.objectContaining({ threads: 1, TF_ENABLE_ONEDNN_OPTS: '0', TF_NUM_INTRAOP_THREADS: '1' }));
  }, 30_000);
});

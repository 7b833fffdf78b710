import { spawnSync } from 'node:child_process';
import { CodistillError, say } from '@codistill/core/host';
import type { TfjsNode } from './tfjs-node.ts';

/**
 * What loading the addons showed.
 *
 * @example
 * const hasGpu = ({ gpu }: SelfTest): boolean => gpu;
 */
export interface SelfTest {
  /** Of libtensorflow. */
  readonly version: string;
  /** Whether TensorFlow computes on a GPU. */
  readonly gpu: boolean;
  readonly loadMilliseconds: number;
}

const PROGRAM = `
const util = require('util');
util.isNullOrUndefined ??= (value) => value == null;
util.isArray ??= Array.isArray;
const began = performance.now();
const [, folder, session] = process.argv;
const tf = require(folder);
const { version } = require(session);
const x = tf.range(0, 4 * 8 * 8 * 3).sin().reshape([4, 8, 8, 3]);
const kernel = tf.variable(tf.range(0, 3 * 3 * 3 * 4).cos().reshape([3, 3, 3, 4]));
const { grads } = tf.variableGrads(() => tf.conv2d(x, kernel, 1, 'same').relu().mean());
const norm = tf.norm(Object.values(grads)[0]).dataSync()[0];
if (!(norm > 0)) throw new Error('a gradient is ' + norm);
console.log('\\nRESULT' + JSON.stringify({ version: version(), gpu: tf.backend().isUsingGpuDevice, loadMilliseconds: Math.round(performance.now() - began) }));
`;

/**
 * Loads both addons in a process of its own, which a bad library may kill, and differentiates a convolution.
 *
 * @param found - where the addons are linked
 * @throws CodistillError `NATIVE_STEP` with the reason
 * @example
 * declare const found: TfjsNode;
 * const { version } = selfTest(found); // '2.21.0'
 */
export const selfTest = ({ folder, session }: TfjsNode): SelfTest => {
  const { stdout, stderr, signal } = spawnSync(process.execPath, ['--input-type=commonjs', '-e', PROGRAM, folder, session], {
    encoding: 'utf8',
    env: { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env, NODE_OPTIONS: '' },
  });
  const result = /^RESULT(.*)$/m.exec(stdout)?.[1];
  if (result !== undefined) return JSON.parse(result) as SelfTest;
  const reason = /^\w*Error: .*$/m.exec(stderr)?.[0] ?? (signal === null ? stderr.trim().split('\n').at(-1) : `the process was ended by ${signal}`);
  throw new CodistillError('NATIVE_STEP', say.native.failed('loading the addons', reason ?? ''));
};

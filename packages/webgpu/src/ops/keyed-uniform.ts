import { KEYED_UNIFORM, type Kernel } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { type Program, runProgram } from './run-program.ts';

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** `threefry` of core, in WGSL, whose unsigned sums wrap. */
const THREEFRY = `
  fn threefry(k0 : u32, k1 : u32, c0 : u32, c1 : u32) -> vec2<u32> {
    let k2 = k0 ^ k1 ^ 0x1bd11bdau;
    var x0 = c0 + k0;
    var x1 = c1 + k1;
    ${Array.from({ length: 5 }, (_, group) => {
      const rounds = ROTATIONS[(group % 2) as 0 | 1].map((by) => `x0 += x1; x1 = ((x1 << ${by}u) | (x1 >> ${32 - by}u)) ^ x0;`);
      return [...rounds, `x0 += k${(group + 1) % 3}; x1 += k${(group + 2) % 3} + ${group + 1}u;`].join('\n    ');
    }).join('\n    ')}
    return vec2<u32>(x0, x1);
  }`;

const PROGRAM: Program = {
  name: 'keyedUniform',
  inputs: ['Key'],
  uniforms: ['stream'],
  functions: THREEFRY,
  code: `
          let at = u32(index);
          let words = threefry(u32(Key[0]), u32(Key[1]), u32(uniforms.stream), at / 2u);
          let word = select(words.x, words.y, at % 2u == 1u);
          setOutputAtIndex(index, f32(word >> 8u) * ${2 ** -24});`,
};

/**
 * `keyedUniform` of core, to the bit: the key is never read, and every element is a thread.
 *
 * @example
 * console.log(keyedUniform.name); // 'CodistillKeyedUniform'
 */
export const keyedUniform: Kernel = {
  name: KEYED_UNIFORM,
  compute: ({ key }, { shape, stream }: { readonly shape: readonly number[]; readonly stream: number }) => runProgram(PROGRAM, [key as tf.Tensor], shape, [stream | 0]),
};

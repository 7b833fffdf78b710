import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type ConvolutionAttributes, geometry } from '../convolution.ts';
import { allocate, floatsOf, tensorOf } from '../memory.ts';
import { sampled } from './sampled.ts';
import { writePixels } from './spread.ts';

/**
 * The gradient of a convolution with respect to its filter, which the wasm backend lacks.
 *
 * `dW[i, j, a, b] = Σ x[n, h·s+i, w·s+j, a] · dy[n, h, w, b]` is itself a convolution: of the input, channels and batch exchanged,
 * with the output's gradient as a filter dilated by the stride. That runs in the fast forward kernel, which computes pixels of an
 * image by fours: as many images as there are channels, of 3 × 3 pixels each, would leave a quarter of its work unused, so the
 * rows of all channels take turns in one tall image, and the filter steps over those of the others. A 1×1 filter is one matrix
 * product.
 *
 * @example
 * console.log(conv2dBackpropFilter.name); // 'Conv2DBackpropFilter'
 */
export const conv2dBackpropFilter: Kernel = {
  name: 'Conv2DBackpropFilter',
  compute: (inputs, attributes: ConvolutionAttributes & { readonly filterShape: readonly number[] }) => {
    const [x, dy] = [inputs['x'] as tf.Tensor4D, inputs['dy'] as tf.Tensor4D];
    const at = geometry(x.shape, attributes.filterShape, attributes, false);
    const { inChannels: ins, outChannels: outs } = at;
    const { top, left } = at.padInfo;
    if (at.filterHeight === 1 && at.filterWidth === 1) {
      const positions = at.batchSize * at.outHeight * at.outWidth;
      const rows = sampled(x, [at.outHeight, at.outWidth], [-top, -left], [at.strideHeight, at.strideWidth]);
      const columns = tf.transpose(tf.reshape(rows, [positions, ins]));
      return tf.reshape(tf.matMul(columns, tf.reshape(dy, [positions, outs])), [1, 1, ins, outs]);
    }
    // Just what the windows cover, so that there is one output per element of the filter: a rim they leave unused is cut off.
    const below = (at.outHeight - 1) * at.strideHeight + at.filterHeight - top - at.inHeight;
    const behind = (at.outWidth - 1) * at.strideWidth + at.filterWidth - left - at.inWidth;
    const [height, width] = [at.inHeight + Math.min(below, 0), at.inWidth + Math.min(behind, 0)];
    const rows = tf.transpose(sampled(x, [height, width], [0, 0], [1, 1]), [1, 3, 2, 0]);
    const gradient = tf.conv2d(
      tf.reshape<tf.Rank.R4>(rows, [1, height * ins, width, at.batchSize]),
      tf.transpose(dy, [1, 2, 0, 3]),
      1,
      [[0, 0], [top * ins, Math.max(below, 0) * ins], [left, Math.max(behind, 0)], [0, 0]],
      'NHWC',
      [at.strideHeight * ins, at.strideWidth],
    );
    return tf.transpose(tf.reshape(gradient, [at.filterHeight, ins, at.filterWidth, outs]), [0, 2, 1, 3]);
  },
};

/** The elements of a filter that meet one phase of the input, for one of its two directions. */
interface Phase {
  /** The first pixel of the phase; the others follow by the stride. */
  readonly start: number;
  readonly pixels: number;
  /** The first element of the filter that an output places there; the others follow by the stride. */
  readonly element: number;
  readonly elements: number;
  /** The first output that any of its pixels sees; may be negative. */
  readonly output: number;
}

/** Pixel `start + s·u` sees output `r` through element `i` where `start + s·u = r·s + i − padding`: of every s-th i only. */
const phasesOf = (stride: number, padding: number, length: number, filter: number): readonly Phase[] =>
  Array.from({ length: Math.min(stride, length) }, (_, start) => {
    const element = (start + padding) % stride;
    const elements = Math.max(0, Math.ceil((filter - element) / stride));
    return { start, pixels: Math.ceil((length - start) / stride), element, elements, output: Math.floor((start + padding) / stride) - elements + 1 };
  });

/** A part of a filter turned by 180°, its ins and outs exchanged. */
const turned = (filter: tf.Tensor4D, rows: Phase, columns: Phase, [down, across]: readonly [number, number]): tf.Tensor4D => {
  const [, width, ins, outs] = filter.shape;
  const output = allocate([rows.elements, columns.elements, outs, ins]);
  const [from, to] = [floatsOf(filter), floatsOf(output)];
  for (let i = 0; i < rows.elements; i++) {
    for (let j = 0; j < columns.elements; j++) {
      const source = ((rows.element + i * down) * width + columns.element + j * across) * ins * outs;
      const target = ((rows.elements - 1 - i) * columns.elements + columns.elements - 1 - j) * ins * outs;
      for (let a = 0; a < ins; a++) {
        for (let b = 0; b < outs; b++) to[target + b * ins + a] = from[source + a * outs + b] as number;
      }
    }
  }
  return tensorOf<tf.Rank.R4>(output);
};

/**
 * The gradient of a convolution with respect to its input: of the output's gradient, with the filter turned around, the convolution
 * `dx[n, h, w, a] = Σ dy[n, r, q, b] · W[i, j, a, b]` over `h = r·s + i − padding`, `w = q·s + j − padding`.
 * With a stride, each of the s² phases of pixels meets elements of its own, and is a convolution by itself: nothing is multiplied
 * by the zeros between outputs. The stock kernel is a plain loop, and makes a training step about twice as long.
 *
 * @example
 * console.log(conv2dBackpropInput.name); // 'Conv2DBackpropInput'
 */
export const conv2dBackpropInput: Kernel = {
  name: 'Conv2DBackpropInput',
  compute: (inputs, attributes: ConvolutionAttributes & { readonly inputShape: readonly number[] }) => {
    const [dy, filter] = [inputs['dy'] as tf.Tensor4D, inputs['filter'] as tf.Tensor4D];
    const at = geometry(attributes.inputShape, filter.shape, attributes, false);
    const steps = [at.strideHeight, at.strideWidth] as const;
    const ofPhase = (rows: Phase, columns: Phase): tf.Tensor4D => {
      const [above, before] = [-rows.output, -columns.output];
      const below = rows.pixels + rows.elements - 1 - above - at.outHeight;
      const behind = columns.pixels + columns.elements - 1 - before - at.outWidth;
      const part = turned(filter, rows, columns, steps);
      // The kernel pads by itself; what no pixel sees has to be cut off.
      if (Math.min(above, before, below, behind) >= 0) return tf.conv2d(dy, part, 1, [[0, 0], [above, below], [before, behind], [0, 0]]);
      const seen = [rows.pixels + rows.elements - 1, columns.pixels + columns.elements - 1] as const;
      return tf.conv2d(sampled(dy, seen, [-above, -before], [1, 1]), part, 1, 'valid');
    };
    const down = phasesOf(at.strideHeight, at.padInfo.top, at.inHeight, at.filterHeight);
    const across = phasesOf(at.strideWidth, at.padInfo.left, at.inWidth, at.filterWidth);
    const phases = down.flatMap((rows) => across.map((columns) => [rows, columns] as const)).filter(([rows, columns]) => rows.elements * columns.elements > 0);
    if (down.length * across.length === 1 && phases[0] !== undefined) return ofPhase(...phases[0]);
    const parts = phases.map((phase) => ofPhase(...phase));
    const output = allocate(attributes.inputShape);
    if (parts.length < down.length * across.length) floatsOf(output).fill(0);
    phases.forEach(([rows, columns], index) => {
      writePixels(output, parts[index] as tf.Tensor4D, [rows.start, columns.start], steps);
    });
    return output;
  },
};

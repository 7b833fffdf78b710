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
 * with the output's gradient as a filter dilated by the stride. That runs in the fast forward kernel. A 1×1 filter is one matrix
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
    const origin = [-at.padInfo.top, -at.padInfo.left] as const;
    if (at.filterHeight === 1 && at.filterWidth === 1) {
      const positions = at.batchSize * at.outHeight * at.outWidth;
      const rows = sampled(x, [at.outHeight, at.outWidth], origin, [at.strideHeight, at.strideWidth]);
      const columns = tf.transpose(tf.reshape(rows, [positions, at.inChannels]));
      return tf.reshape(tf.matMul(columns, tf.reshape(dy, [positions, at.outChannels])), [1, 1, at.inChannels, at.outChannels]);
    }
    // Just what the windows cover, so that 'valid' gives one output per element of the filter.
    const height = (at.outHeight - 1) * at.strideHeight + at.filterHeight;
    const width = (at.outWidth - 1) * at.strideWidth + at.filterWidth;
    const images = tf.transpose(sampled(x, [height, width], origin, [1, 1]), [3, 1, 2, 0]);
    const gradient = tf.conv2d(images, tf.transpose(dy, [1, 2, 0, 3]), 1, 'valid', 'NHWC', [at.strideHeight, at.strideWidth]);
    return tf.transpose(gradient, [1, 2, 0, 3]);
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
      const seen = [rows.pixels + rows.elements - 1, columns.pixels + columns.elements - 1] as const;
      return tf.conv2d(sampled(dy, seen, [rows.output, columns.output], [1, 1]), turned(filter, rows, columns, steps), 1, 'valid');
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

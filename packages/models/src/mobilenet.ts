import { defineModel, type Model } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { convUnit } from './conv-unit.ts';
import { head, pooledOf } from './head.ts';
import { imageInput } from './image-input.ts';
import { initialise } from './initialise.ts';
import { network } from './network.ts';
import { type Numbered, numberedTaps } from './numbered.ts';
import { insistInteger, insistPositive, insistRate } from './options.ts';

/**
 * A run of inverted residual units.
 *
 * @example
 * const stage: MobilenetStage = { expansion: 6, channels: 24, units: 2, stride: 2 };
 */
export interface MobilenetStage {
  /** Channels inside a unit, as a multiple of those before it. */
  readonly expansion: number;
  /** Channels behind each unit. */
  readonly channels: number;
  readonly units: number;
  /** Of the first unit; the others have 1. */
  readonly stride: number;
}

/** Table 2 of the paper, but for stride 1 where it has 2 for the first time (24 channels): small images have no pixels to lose. */
const STAGES = [
  { expansion: 1, channels: 16, units: 1, stride: 1 },
  { expansion: 6, channels: 24, units: 2, stride: 1 },
  { expansion: 6, channels: 32, units: 3, stride: 2 },
  { expansion: 6, channels: 64, units: 4, stride: 2 },
  { expansion: 6, channels: 96, units: 3, stride: 1 },
  { expansion: 6, channels: 160, units: 3, stride: 2 },
  { expansion: 6, channels: 320, units: 1, stride: 1 },
] as const;

type PaperStages = typeof STAGES;

/**
 * Options of {@link mobilenet}.
 *
 * @example
 * const options: MobilenetOptions = { width: 0.5 };
 */
export interface MobilenetOptions<Stages extends readonly MobilenetStage[] = readonly MobilenetStage[]> {
  /** Multiplies all channel counts, which are then rounded to multiples of 8; default 1, which leaves them as they are. */
  readonly width?: number;
  /** Default the paper's seven, with strides for small images. */
  readonly stages?: Stages;
  /** Channels of the first convolution; default 32. */
  readonly stem?: number;
  /** Length of the feature vector, which widths below 1 do not shrink; default 1280. */
  readonly features?: number;
  /** Rate of dropout before the classifier, in [0, 1); default 0. */
  readonly dropout?: number;
}

/** The nearest multiple of 8, but no more than a tenth below: as in the authors' code. */
const rounded = (channels: number): number => {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
};

/** Expanded by a 1 × 1 convolution, convolved channel by channel, projected by another; linear at its narrow ends. */
const invertedResidual = (x: tf.SymbolicTensor, at: string, expansion: number, filters: number, strides: number): tf.SymbolicTensor => {
  const channels = x.shape.at(-1) ?? 0;
  const wide = expansion === 1 ? x : convUnit(x, { at, n: 1, filters: channels * expansion, kernelSize: 1, activation: 'relu6' });
  const convolved = convUnit(wide, { at, n: 2, filters: 'depthwise', strides, activation: 'relu6' });
  const narrow = convUnit(convolved, { at, n: 3, filters, kernelSize: 1, activation: 'none' });
  return strides === 1 && channels === filters ? (tf.layers.add({ name: `${at}_add` }).apply([x, narrow]) as tf.SymbolicTensor) : narrow;
};

/**
 * MobileNetV2 for small images. Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks", arXiv:1801.04381:
 * blocks, expansions, channels, ReLU6 and the width multiplier are the paper's. The first convolution and the second stage have
 * stride 1 where the paper, on 224 × 224 pixels, has 2 (our choice), so an image shrinks by 8 and not by 32.
 *
 * It emits `logits`, `tap:block1`, `tap:block2`, … (one per stage, linear bottlenecks), `tap:last` (the map behind the last
 * 1 × 1 convolution) and `tap:pooled` (`[batch, features]`). Kernels begin as `heNormal`, the classifier's as `glorotUniform`.
 *
 * @param options - `width`, `stages`, `stem`, `features`, `dropout`
 * @returns a model for images of any size; with defaults and 1000 classes on RGB it has the paper's 3.5 million parameters
 * @throws CodistillError `OPTION_INVALID`; from `build` `INPUT_NOT_IMAGE`
 * @example
 * const student = mobilenet({ width: 0.5 });
 * const tiny = mobilenet({ stages: [{ expansion: 4, channels: 16, units: 1, stride: 2 }], stem: 8, features: 64 });
 */
export const mobilenet = <const Stages extends readonly MobilenetStage[] = PaperStages>({
  width = 1,
  stages,
  stem = 32,
  features = 1280,
  dropout = 0,
}: MobilenetOptions<Stages> = {}): Model<'logits' | 'tap:pooled' | 'tap:last' | `tap:${Numbered<'block', Stages>}`> => {
  const plan: readonly MobilenetStage[] = stages ?? STAGES;
  insistPositive('mobilenet', 'width', width);
  insistInteger('mobilenet', 'the number of stages', plan.length);
  for (const stage of plan) for (const field of ['expansion', 'channels', 'units', 'stride'] as const) insistInteger('mobilenet', `stages: ${field}`, stage[field]);
  insistInteger('mobilenet', 'stem', stem);
  insistInteger('mobilenet', 'features', features);
  insistRate('mobilenet', 'dropout', dropout);
  const scaled = (channels: number): number => (width === 1 ? channels : rounded(width * channels));
  type Emits = 'logits' | 'tap:pooled' | 'tap:last' | `tap:${Numbered<'block', Stages>}`;
  return defineModel<Emits>({
    package: '@codistill/models',
    name: 'mobilenet',
    options: { width, ...(stages === undefined ? {} : { stages: stages.map((stage) => ({ ...stage })) }), stem, features, dropout },
    emits: ['logits', 'tap:pooled', 'tap:last', ...Object.keys(numberedTaps('block', plan))] as Emits[],
    build: (site, key) => {
      const image = imageInput('mobilenet', site);
      let bottleneck = convUnit(image, { at: 'stem', filters: scaled(stem), activation: 'relu6' });
      const blocks = plan.map(({ expansion, channels, units, stride }, index) => {
        for (let unit = 1; unit <= units; unit++) {
          bottleneck = invertedResidual(bottleneck, `block${index + 1}_unit${unit}`, expansion, scaled(channels), unit === 1 ? stride : 1);
        }
        return bottleneck;
      });
      const last = convUnit(bottleneck, { at: 'last', filters: width > 1 ? scaled(features) : features, kernelSize: 1, activation: 'relu6' });
      const pooled = pooledOf(last);
      const logits = head(pooled, site.classes, dropout);
      const layers = tf.model({ inputs: image, outputs: logits, name: 'mobilenet' });
      initialise(layers, key);
      const taps = { ...numberedTaps('block', blocks), logits, 'tap:last': last, 'tap:pooled': pooled };
      return network<Emits>(layers, taps as Record<Emits, tf.SymbolicTensor>);
    },
  });
};

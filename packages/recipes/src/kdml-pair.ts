import type { Model } from '@codistill/core';
import { mobilenet, resnet } from '@codistill/models';

/**
 * A teacher's network and its students'.
 *
 * @example
 * declare const resnet: (options: { depth: number }) => KdmlPair['teacher'];
 * const pair: KdmlPair = { teacher: resnet({ depth: 20 }), student: resnet({ depth: 8 }) };
 */
export interface KdmlPair {
  readonly teacher: Model<'logits' | 'tap:pooled' | 'tap:last' | `tap:block${number}`>;
  readonly student: Model<'logits' | 'tap:pooled' | 'tap:last' | `tap:block${number}`>;
}

/**
 * Three versions of teacher and student of growing contrast, all for small images, all our choice: the paper has three versions, of
 * which nothing more is known.
 *
 * - `near`: the same family and width, fewer layers: ResNet-20 and ResNet-14, two thirds of the weights
 * - `far`: fewer and narrower layers: ResNet-20 and ResNet-8 of half the width, a fourteenth
 * - `foreign`: another family: ResNet-20 and a small MobileNetV2, a thirty-fifth
 *
 * @param version - which
 * @returns networks without weights: a student of each may be there several times
 * @example
 * const { teacher, student } = kdmlPair('far');
 * const students = { a: student, b: student };
 */
export const kdmlPair = (version: 'near' | 'far' | 'foreign'): KdmlPair => {
  const teacher = resnet({ depth: 20 });
  switch (version) {
    case 'near':
      return { teacher, student: resnet({ depth: 14 }) };
    case 'far':
      return { teacher, student: resnet({ depth: 8, width: 8 }) };
    case 'foreign':
      return {
        teacher,
        student: mobilenet({
          stem: 8,
          stages: [
            { expansion: 2, channels: 8, units: 1, stride: 1 },
            { expansion: 4, channels: 16, units: 1, stride: 2 },
            { expansion: 4, channels: 24, units: 1, stride: 2 },
          ],
          features: 64,
        }),
      };
  }
};

import * as tf from '@tensorflow/tfjs';
import { applyAffine, affineOf } from './affine.ts';
import { shareReadings } from './shared-readings.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('the readings of one step', () => {
  it('share one log-softmax per tensor and temperature, detached or not', () => {
    tf.tidy(() => {
      const logits = tf.tensor2d([[1, 2, 3]]);
      const four = tf.scalar(4);
      const shared = shareReadings(new Set());
      const detached = shared.detached({ logits } as never);
      expect(shared.logSoftmax(logits)).toBe(shared.logSoftmax(logits));
      expect(shared.logSoftmax(logits, four)).not.toBe(shared.logSoftmax(logits));
      expect(shared.logSoftmax(detached.logits)).toBe(shared.logSoftmax(detached.logits));
      expect(shared.logSoftmax(detached.logits).dataSync()).toEqual(shared.logSoftmax(logits).dataSync());
      expect(shared.detached({ logits } as never).logits).toBe(detached.logits);
    });
  });

  it('let no gradient through what is detached, log-softmax included', () => {
    tf.tidy(() => {
      const gradient = tf.grad((logits: tf.Tensor) => {
        const shared = shareReadings(new Set());
        const { logits: target } = shared.detached({ logits } as never);
        // log p appears with and without a gradient: only the first may move logits.
        return shared.logSoftmax(logits).sum().add(shared.logSoftmax(target).square().sum());
      })(tf.tensor2d([[1, 2, 3]]));
      const alone = tf.grad((logits: tf.Tensor) => tf.logSoftmax(logits).sum())(tf.tensor2d([[1, 2, 3]]));
      expect(gradient.dataSync()).toEqual(alone.dataSync());
    });
  });

  it('leave constants as they are', () => {
    tf.tidy(() => {
      const logits = tf.tensor2d([[1, 2, 3]]);
      expect(shareReadings(new Set([logits.id])).detached({ logits } as never).logits).toBe(logits);
    });
  });
});

describe('the map between normalisations', () => {
  it('turns what the loader did into what the model expects', () => {
    const unit = [0.2, 0.7];
    const [applied, wanted] = [
      { mean: [0.5, 0.1], std: [0.5, 0.2] },
      { mean: [0.3, 0.4], std: [0.1, 0.3] },
    ];
    const by = (normalisation: typeof applied): number[] => unit.map((x, channel) => (x - (normalisation.mean[channel] ?? 0)) / (normalisation.std[channel] ?? 1));
    const mapped = tf.tidy(() => applyAffine(tf.tensor2d([by(applied)]), affineOf(applied, wanted)).dataSync());
    by(wanted).forEach((expected, channel) => expect(mapped[channel]).toBeCloseTo(expected, 5));
    expect(affineOf(applied, applied)).toBeNull();
    expect(affineOf(applied, null)).toBeNull();
  });
});

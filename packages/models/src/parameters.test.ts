import { key, type Model } from '@codistill/core';
import { testOn } from '@codistill/testkit';
import { cnn } from './cnn.ts';
import { mlp } from './mlp.ts';
import { mobilenet } from './mobilenet.ts';
import { resnet } from './resnet.ts';

testOn('cpu');

const parametersOf = (model: Model, input: readonly number[], classes: number): number => {
  const network = model.build({ input, classes }, key(1));
  const count = Object.values(network.parameters).reduce((sum, { size }) => sum + size, 0);
  network.dispose();
  return count;
};

describe('parameters, counted', () => {
  it('mlp', () => {
    expect(parametersOf(mlp({ hidden: [256, 64] }), [28, 28, 1], 10)).toBe(784 * 256 + 256 + (256 * 64 + 64) + (64 * 10 + 10));
  });

  it('cnn', () => {
    expect(parametersOf(cnn({ channels: [8, 16], kernelSize: 5 }), [28, 28, 1], 10)).toBe(25 * 8 + 16 + (25 * 8 * 16 + 32) + (16 * 10 + 10));
  });

  it.each([
    [8, 16, 10],
    [20, 16, 10],
    [14, 4, 100],
  ])('resnet of depth %i and width %i for %i classes', (depth, width, classes) => {
    const conv = (kernel: number, from: number, to: number): number => kernel ** 2 * from * to + 2 * to;
    const units = (depth - 2) / 6;
    const [w1, w2, w3] = [width, 2 * width, 4 * width];
    const first = (from: number, to: number): number => conv(3, from, to) + conv(3, to, to) + (from === to ? 0 : conv(1, from, to));
    const rest = (w: number): number => (units - 1) * 2 * conv(3, w, w);
    const expected = conv(3, 3, w1) + first(w1, w1) + rest(w1) + first(w1, w2) + rest(w2) + first(w2, w3) + rest(w3) + w3 * classes + classes;
    expect(parametersOf(resnet({ depth, width }), [32, 32, 3], classes)).toBe(expected);
  });

  it('resnet 20: the well-known 269,722 of option A, and the two projections', () => {
    expect(parametersOf(resnet({ depth: 20 }), [32, 32, 3], 10)).toBe(269_722 + (16 * 32 + 64) + (32 * 64 + 128));
  });

  it('mobilenet: the 3,504,872 of the published network', () => {
    expect(parametersOf(mobilenet(), [32, 32, 3], 1000)).toBe(3_504_872);
  });

  it('mobilenet of three quarters: 24 channels stay 24, since 16 would be more than a tenth below 18', () => {
    const conv = (area: number, from: number, to: number): number => area * from * to + 2 * to;
    const [units, expansions, channels] = [[1, 2, 3, 4, 3, 3, 1], [1, 6, 6, 6, 6, 6, 6], [16, 24, 24, 48, 72, 120, 240]];
    let [count, before] = [conv(9, 3, 24), 24];
    channels.forEach((after, stage) => {
      for (let unit = 0; unit < (units[stage] ?? 0); unit++) {
        const wide = before * (expansions[stage] ?? 0);
        count += (wide === before ? 0 : conv(1, before, wide)) + (9 * wide + 2 * wide) + conv(1, wide, after);
        before = after;
      }
    });
    expect(parametersOf(mobilenet({ width: 0.75 }), [32, 32, 3], 1000)).toBe(count + conv(1, before, 1280) + 1280 * 1000 + 1000);
  });
});

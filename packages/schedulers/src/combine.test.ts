import { defineSchedule, type Progress, type Schedule } from '@codistill/core';
import fc from 'fast-check';
import { cosine, cosineRestarts, join, linear, multistep, rampUp, step, times, warmup } from './index.ts';

/** Prints its seed where it fails; the same fifty cases each time. */
const PARAMETERS = { numRuns: 50, seed: 20211 };

const at = (stepNow: number, epochs: number, perEpoch: number): Progress => ({ step: stepNow, steps: epochs * perEpoch, epoch: stepNow / perEpoch, epochs });

/** A run, a border inside it and a step before or after. */
const runs = fc
  .record({ epochs: fc.integer({ min: 2, max: 50 }), perEpoch: fc.integer({ min: 1, max: 40 }) })
  .chain(({ epochs, perEpoch }) =>
    fc.record({
      epochs: fc.constant(epochs),
      perEpoch: fc.constant(perEpoch),
      border: fc.integer({ min: 1, max: epochs - 1 }),
      now: fc.integer({ min: 0, max: epochs * perEpoch }),
    }),
  );

const [a, b] = [linear({ from: 1, to: 2 }), cosine({ from: 5, to: 3 })];

describe('join', () => {
  it('equals its first schedule before the border and its second one after, each with its part of the run', () => {
    fc.assert(
      fc.property(runs, ({ epochs, perEpoch, border, now }) => {
        const edge = border * perEpoch;
        const expected = now < edge ? a(at(now, border, perEpoch)) : b(at(now - edge, epochs - border, perEpoch));
        expect(join([a, b], { epochs: [border] })(at(now, epochs, perEpoch))).toBeCloseTo(expected, 9);
        expect(join([a, b], { steps: [edge] })(at(now, epochs, perEpoch))).toBeCloseTo(expected, 9);
      }),
      PARAMETERS,
    );
  });

  it('counts the epochs of what comes later from its border', () => {
    const joined = join([1, step({ from: 8, factor: 0.5, epochs: 2 })], { epochs: [3] });
    expect([2.9, 3, 4.9, 5, 7].map((epoch) => joined(at(epoch * 10, 10, 10)))).toEqual([1, 8, 8, 4, 2]);
  });

  it('copes with a run that ends before its border', () => {
    expect(join([a, b], { epochs: [5] })(at(10, 1, 10))).toBeCloseTo(1.2);
    expect(join([a, b], { epochs: [1] })(at(10, 1, 10))).toBe(5);
  });
});

describe('warmup', () => {
  it('meets its schedule at the border, and is that schedule from there', () => {
    fc.assert(
      fc.property(runs, fc.double({ min: 0, max: 1, noNaN: true }), ({ epochs, perEpoch, border, now }, from) => {
        const warmed = warmup(b, { epochs: border, from });
        const edge = border * perEpoch;
        const value = warmed(at(now, epochs, perEpoch));
        if (now >= edge) expect(value).toBeCloseTo(b(at(now - edge, epochs - border, perEpoch)), 9);
        else expect(value).toBeCloseTo(5 * (from + ((1 - from) * now) / edge), 9);
        const last = warmed({ step: edge * (1 - 1e-9), steps: epochs * perEpoch, epoch: border * (1 - 1e-9), epochs });
        expect(last).toBeCloseTo(warmed(at(edge, epochs, perEpoch)), 6);
      }),
      PARAMETERS,
    );
  });

  it('warms up all along a run that ends before it', () => {
    expect(warmup(cosine({ from: 4 }), { epochs: 4 })(at(10, 1, 10))).toBe(1);
    expect(warmup(cosine({ from: 4 }), { epochs: 1 })(at(10, 1, 10))).toBe(4);
  });
});

describe('times', () => {
  it('multiplies numbers and schedules', () => {
    fc.assert(
      fc.property(runs, fc.double({ min: -10, max: 10, noNaN: true }), ({ epochs, perEpoch, now }, factor) => {
        const point = at(now, epochs, perEpoch);
        expect(times(factor, a)(point)).toBe(factor * a(point));
        expect(times(a, b)(point)).toBe(a(point) * b(point));
      }),
      PARAMETERS,
    );
  });

  it('with a ramp lets stairs count from the start of training', () => {
    const rate = times(rampUp({ shape: 'linear', epochs: 5 }), step({ from: 0.1, epochs: 30 }));
    expect(rate(at(300, 90, 10))).toBeCloseTo(0.01, 12);
    expect(warmup(step({ from: 0.1, epochs: 30 }), { epochs: 5 })(at(300, 90, 10))).toBeCloseTo(0.1, 12);
  });
});

describe('stairs', () => {
  it('fall where they were asked to, whatever the rounding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 20 }), (stair, tenths) => {
        // A point such as 0.3 / 0.1 = 2.9999999999999996 spans.
        const point: Progress = { step: stair * tenths, steps: 6000, epoch: (stair * tenths) / 10, epochs: 600 };
        const count: Schedule = step({ from: 1, factor: 2, epochs: tenths / 10 });
        expect(Math.log2(count(point))).toBe(stair);
      }),
      PARAMETERS,
    );
  });

  it('and restarts too', () => {
    const rate = cosineRestarts({ from: 8, epochs: 0.1 });
    expect([1, 2, 3, 6, 7, 12].map((now) => rate(at(now, 2, 10)))).toEqual([8, 8, 8, 8, 8, 8]);
  });

  it('fall at the border itself', () => {
    const rate = multistep({ from: 1, factor: 0.5, epochs: [0.3, 0.7] });
    expect([2, 3, 6, 7].map((now) => rate(at(now, 1, 10)))).toEqual([1, 0.5, 0.5, 0.25]);
  });
});

it('a schedule of one’s own joins like any other', () => {
  const seen: Progress[] = [];
  const own = defineSchedule({ name: 'own' }, (progress) => {
    seen.push(progress);
    return 1;
  });
  join([0, own], { epochs: [2] })(at(25, 10, 10));
  expect(seen).toEqual([{ step: 5, steps: 80, epoch: 0.5, epochs: 8 }]);
});

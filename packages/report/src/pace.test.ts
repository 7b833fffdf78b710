import { duration } from './duration.ts';
import { pace } from './pace.ts';

const at = (...times: readonly number[]): (() => number) => {
  const left = [...times];
  return () => left.shift() ?? Number.NaN;
};

describe('pace', () => {
  it('is examples per second of steps alone, and the time to go with everything in it', () => {
    // starts at 1000; a step of 200 ms; an evaluation of 2 s; a step of 200 ms; asked at 3400
    const { step, aside, rate, remaining, elapsed } = pace(at(1000, 1200, 3200, 3400, 3400, 3400));
    step(64);
    aside();
    step(64);
    expect(rate()).toBeCloseTo(64 / 0.2, 9);
    expect(remaining(10)).toBeCloseTo((2400 / 2) * 10, 9);
    expect(elapsed()).toBe(2400);
  });

  it('follows a change of speed', () => {
    const clock = at(0, ...Array.from({ length: 100 }, (_, i) => (i + 1) * 100), ...Array.from({ length: 100 }, (_, i) => 10000 + (i + 1) * 50));
    const { step, rate } = pace(clock);
    for (let i = 0; i < 200; i++) step(10);
    expect(rate()).toBeGreaterThan(198);
    expect(rate()).toBeLessThan(200);
  });

  it('knows nothing before the first step', () => {
    const { rate, remaining } = pace(at(0, 0));
    expect(rate()).toBe(0);
    expect(remaining(5)).toBeNaN();
  });
});

it.each([
  [0, '0:00'],
  [59_499, '0:59'],
  [59_500, '1:00'],
  [3_599_600, '1:00:00'],
  [45_296_000, '12:34:56'],
])('%d ms are %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

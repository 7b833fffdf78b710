import type { Spec } from '@codistill/core';
import { timetable } from './timetable.ts';

const spec = (stages: Spec['stages']): Spec => ({ stages }) as Spec;

describe('the timetable', () => {
  it('counts steps, and epochs with their fraction', () => {
    const times = timetable(spec([]), 3, 10);
    expect(times.steps).toBe(30);
    expect(times.progressAt(15)).toEqual({ step: 15, steps: 30, epoch: 1.5, epochs: 3 });
    expect(times.stageAt(15)).toBeUndefined();
  });

  it('goes through stages in order', () => {
    const times = timetable(spec([{ name: 'alone', epochs: 1, freeze: [] }, { name: 'together', epochs: 2, freeze: [] }]), undefined, 10);
    expect(times.epochs).toBe(3);
    expect([0, 9, 10, 29].map((step) => times.stageAt(step)?.name)).toEqual(['alone', 'alone', 'together', 'together']);
  });

  it.each([
    [[], undefined, 'fit needs epochs: say fit({ epochs: 10 }), or give the pipeline .stages([...])'],
    [[], 0, 'fit({ epochs }) must be a positive integer but is 0'],
    [[], 1.5, 'fit({ epochs }) must be a positive integer but is 1.5'],
    [[{ name: 'one', epochs: 2, freeze: [] }], 3, "the pipeline's stages last 2 epochs: leave out fit({ epochs })"],
  ])('refuses stages %j with epochs %s', (stages, epochs, sentence) => {
    expect(() => timetable(spec(stages), epochs, 10)).toThrow(sentence);
  });
});

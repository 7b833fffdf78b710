import type { TrainingEvent } from '@codistill/core';
import { earlyStopping } from './early-stopping.ts';

const epoch = (number: number, accuracy: number): TrainingEvent => ({
  type: 'epoch',
  epoch: number,
  step: number,
  evaluation: { split: 'validation', examples: 1, nodes: {}, pairs: {}, ensemble: { numbers: { accuracy }, tables: {} } },
});

const epochsUntilStop = async (values: readonly number[], interruptAfter = Infinity): Promise<number | undefined> => {
  let listener = earlyStopping({ patience: 2 });
  for (const [index, value] of values.entries()) {
    const reasons: string[] = [];
    await listener.on(epoch(index + 1, value), { stop: (why) => reasons.push(why) });
    if (reasons.length > 0) return index + 1;
    if (index + 1 === interruptAfter) {
      const state = JSON.parse(JSON.stringify(listener.save?.())) as never;
      listener = earlyStopping({ patience: 2 });
      listener.restore?.(state);
    }
  }
  return undefined;
};

describe('early stopping', () => {
  it('waits for improvement, then stops', async () => {
    expect(await epochsUntilStop([0.5, 0.6, 0.6, 0.7, 0.7, 0.69, 0.9])).toBe(6);
    expect(await epochsUntilStop([0.5, 0.6, 0.6, 0.7])).toBeUndefined();
  });

  it('stops at the same epoch after any interruption', async () => {
    for (let after = 1; after < 6; after++) expect(await epochsUntilStop([0.5, 0.6, 0.6, 0.7, 0.7, 0.69, 0.9], after)).toBe(6);
  });

  it('says what is measured where the metric is not', () => {
    expect(() => earlyStopping({ metric: 'f2' }).on(epoch(1, 0.5), { stop: () => undefined })).toThrow(
      "early stopping watches 'f2' of 'ensemble' but what is measured there is accuracy",
    );
  });
});

import { CodistillError } from '@codistill/core';
import { chained, javascriptMistakes, nodes, ready } from '../fixtures/javascript-mistakes.ts';
import { kd } from '../fixtures/nouns.ts';

describe('a mistake in JavaScript', () => {
  it.each(javascriptMistakes)('%s: %s', (code, sentence, mistake) => {
    let thrown: unknown;
    try {
      mistake();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CodistillError);
    expect(thrown).toMatchObject({ code, message: sentence });
  });

  it('rejects where it is found by build, and never reaches the engine', async () => {
    await expect(chained(...nodes, ['build'])).rejects.toThrow('not ready: still needs .supervise(loss)');
  });

  it('lets undefined stand for an option that is left out', () => {
    const spec = chained(...ready, ['distill', kd(), { to: undefined, weight: undefined, when: undefined }], ['spec']) as unknown as { edges: unknown[] };
    expect(spec.edges).toHaveLength(5);
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fitted, type Listener, type TrainingEvent, accuracy, createPipeline, crossEntropy, earlyStopping, mlp, sgd, trainer } from './index.ts';
import { blobs } from '@codistill/testkit';

const backend = process.env['CODISTILL_TEST_BACKEND'] ?? 'cpu';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'codistill-stopped-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

interface Ran {
  readonly fitted: Fitted;
  readonly events: readonly TrainingEvent[];
  readonly bytes: Buffer;
}

/** A run that learns nothing, so nothing ever improves. */
const ran = async (listeners: readonly Listener[]): Promise<Ran> => {
  const run = await createPipeline(trainer({ backend }))(blobs())
    .students({ a: mlp({ hidden: [4] }) })
    .supervise(crossEntropy())
    .optimize(sgd({ lr: 0 }))
    .build();
  const events: TrainingEvent[] = [];
  const listen: Listener = { name: 'listen', on: (event) => void events.push(event) };
  const fitted = await run.fit({ epochs: 9, metrics: [accuracy()], listeners: [...listeners, listen], checkpoints: { directory, resume: true } });
  run.dispose();
  return { fitted, events, bytes: readFileSync(fitted.checkpoint ?? '') };
};

const endOf = ({ events }: Ran): TrainingEvent | undefined => events.at(-1);

describe('a run that was stopped and is resumed', () => {
  it('stays stopped: it trains no further step, and says the same', async () => {
    const watch = (): Listener => earlyStopping({ metric: 'accuracy', of: 'a', patience: 2 });
    const first = await ran([watch()]);
    expect(first.fitted.reason).toBe('stopped');
    expect(first.events.filter(({ type }) => type === 'epoch')).toHaveLength(3);

    const second = await ran([watch()]);
    expect(second.events.map(({ type }) => type)).toEqual(['start', 'end']);
    expect(endOf(second)).toEqual(endOf(first));
    expect(endOf(second)).toMatchObject({ reason: 'stopped', why: expect.stringMatching(/^accuracy of a has not improved for 2 evaluations/) as string });
    expect(second.fitted).toEqual(first.fitted);
    expect(second.bytes.equals(first.bytes)).toBe(true);
  });

  it('stays stopped too where the checkpoint itself was the reason to stop', async () => {
    const enough: Listener = {
      name: 'enough',
      on: ({ type }, signals) => {
        if (type === 'checkpoint') signals.stop('one is enough');
      },
    };
    const first = await ran([enough]);
    const second = await ran([]);
    expect(second.events.map(({ type }) => type)).toEqual(['start', 'end']);
    expect(second.fitted).toEqual(first.fitted);
    expect(endOf(second)).toMatchObject({ why: 'one is enough' });
  });
});

/** Every term trains students, between teacher and student and between peers, through the chain and the engine that users get. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobs } from '@codistill/testkit';
import {
  activationBoundary, attention, cc, ccEmbedded, cnn, crd, createPipeline, crossEntropy, cwd, dist, dkd, factorTransfer, focal, fsp, hint, jensenShannon, kd, lskd, mlld,
  nkd, nst, ofd, pkt, reverseKd, reviewKd, rkdAngle, rkdDistance, sgd, simKd, skt, sp, symmetricKl, trainer, vid,
} from './index.ts';

const backend = process.env['CODISTILL_TEST_BACKEND'] ?? 'wasm';
const pipeline = createPipeline(trainer({ backend }));
const data = blobs({ classes: 3, input: [8, 8, 1], examples: 24, batch: 8 });
const student = cnn({ channels: [3, 4] });
const base = pipeline(data).teacher(student).students({ a: student, b: student }).supervise(focal()).supervise(crossEntropy(), { to: ['teacher'] });
const terms = [
  kd(), reverseKd(), symmetricKl(), jensenShannon(), dkd(), nkd(), lskd(), dist(), mlld(), hint({ at: 'last', project: true }), attention({ at: 'last' }), nst({ at: 'last' }),
  factorTransfer({ at: 'last' }), fsp({ between: ['block1', 'block2'] }), activationBoundary({ at: 'last' }), ofd({ at: 'last', project: true }), vid({ at: 'last' }),
  reviewKd({ at: ['block1', 'block2', 'pooled'] }), simKd({ at: 'last' }), skt({ at: ['block1', 'block2'] }), cwd({ at: 'last' }), rkdDistance({ at: 'pooled' }), rkdAngle({ at: 'pooled' }), pkt({ at: 'pooled' }), sp({ at: 'last' }),
  cc({ at: 'pooled' }), ccEmbedded({ at: 'pooled', width: 8 }), crd({ at: 'pooled', examples: 100, width: 8 }),
] as const;

/** Seven terms a graph: what a graph costs beside them is paid four times, not 28 times. */
const groups = Array.from({ length: Math.ceil(terms.length / 7) }, (_, at) => terms.slice(7 * at, 7 * at + 7));

it.each(groups.map((group) => [group.map(({ name }) => name).join(' '), group] as const))('%s train, and go on from a checkpoint to the same bytes', async (_, group) => {
  const scratch = mkdtempSync(join(tmpdir(), 'codistill-term-'));
  const train = async (directory: string): Promise<Buffer> => {
    // What all have in common is that they stand between nodes that emit all they need.
    const between = group as readonly ReturnType<typeof kd>[];
    // Compiling costs by the edge: there every term stands on one.
    const chain = between.reduce((soFar, term) => (backend === 'wasm' ? soFar.distill(term, { weight: 0.02 }).mutual(term, { weight: 0.02 }) : soFar.distill(term, { weight: 0.02, to: 'a' })), base.supervise(crossEntropy(), { to: ['a', 'b'] }));
    const run = await chain.optimize(sgd({ lr: 0.01 })).build();
    expect(run.spec.edges.filter(({ term }) => term.name === group[0]?.name)).toHaveLength(backend === 'wasm' ? 4 : 1);
    await run.fit({ epochs: 2, seed: 1, evaluateEvery: 0, checkpoints: { directory, everySteps: 1, keep: 9, resume: true } });
    const newest = readdirSync(directory).filter((file) => file.endsWith('.safetensors')).sort().at(-1) ?? '';
    return readFileSync(join(directory, newest));
  };
  try {
    const [whole, resumed] = [join(scratch, 'whole'), join(scratch, 'resumed')];
    const straight = await train(whole);
    mkdirSync(resumed);
    const early = readdirSync(whole).filter((file) => file.includes('000000002'));
    expect(early.length).toBeGreaterThan(0);
    for (const file of early) copyFileSync(join(whole, file), join(resumed, file));
    expect(straight.equals(await train(resumed))).toBe(true);
    expect(straight.equals(readFileSync(join(resumed, early.find((file) => file.endsWith('.safetensors')) ?? '')))).toBe(false);
  } finally {
    rmSync(scratch, { recursive: true });
  }
});

it('refuses two classes where nothing would be learnt', () => {
  const two = pipeline(blobs({ classes: 2 })).teacher(student).students({ a: student });
  expect(() => two.distill(dkd())).toThrow(/teaches nothing of its own with 2 classes/);
  expect(() => two.distill(dist())).toThrow(/2 classes/);
  two.distill(dist({ inter: 0 }));
});

// Derived nodes in the engine: what they train, what they leave alone, and that a compiled step gives what an eager one does.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Evaluation, type HostArray, type Named, type Run, type View, attentive, branches, cnn, concatClassifier, createPipeline, crossEntropy, defineView, gated, generalMin, instanceWeighted, interleave, join as joined, kd, linear,
  linearMin, mined, minLogit, naive, original, output, sgd, sharedHead, snapshot, trainer, weightAnchor,
} from './index.ts';
import { blobs } from '@codistill/testkit';
import { decodeCheckpoint } from '@codistill/trainer';

const backend = process.env['CODISTILL_TEST_BACKEND'] ?? 'wasm';
const compose = createPipeline(trainer({ backend }));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'codistill-derived-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

type Weights = Named<Float32Array>;
interface Trained {
  /** Weights after each step. */
  readonly at: ReadonlyMap<number, Weights>;
  readonly last: Weights;
  /** The first step's, by node. */
  readonly losses: Named<number>;
  readonly evaluation: Evaluation | undefined;
}

interface Fitting {
  readonly epochs?: number;
  readonly eager?: boolean;
  /** Go on from what `directory` holds. */
  readonly resume?: boolean;
}

const train = async (run: Run, { epochs = 1, eager = false, resume = false }: Fitting = {}): Promise<Trained> => {
  const at = new Map<number, Weights>();
  let [last, losses]: [Weights, Named<number>] = [{}, {}];
  if (!resume) rmSync(directory, { recursive: true, force: true });
  const { evaluation } = await run.fit({
    epochs,
    seed: 3,
    eager,
    checkpoints: { directory, everySteps: 1, keep: 9, resume },
    listeners: [
      {
        name: 'reader',
        on: (event) => {
          if (event.type === 'notice' && event.code === 'NOT_COMPILED') throw new Error(event.sentence);
          if (event.type === 'step' && event.step === 1) losses = event.losses.nodes;
          if (event.type !== 'checkpoint') return;
          const checkpoint = decodeCheckpoint(readFileSync(event.path));
          if (typeof checkpoint === 'string') throw new Error(checkpoint);
          last = Object.fromEntries(Object.entries(checkpoint.arrays).map(([name, { values }]) => [name, Float32Array.from(values)]));
          at.set(event.step, last);
        },
      },
    ],
  });
  run.dispose();
  return { at, last, losses, evaluation };
};

const of = (weights: Weights | undefined, node: string, kind = 'parameter'): Weights =>
  Object.fromEntries(Object.entries(weights ?? {}).flatMap(([name, values]) => (name.startsWith(`node/${node}/${kind}/`) ? [[name.slice(`node/${node}/${kind}/`.length), values]] : [])));
const beginning = (weights: Weights, prefix: string): Weights => Object.fromEntries(Object.entries(weights).filter(([name]) => name.startsWith(prefix)));
const expectClose = (found: Weights, expected: Weights, tolerance: number): void => {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, values] of Object.entries(found)) {
    const far = values.reduce((most, x, i) => Math.max(most, Math.abs(x - (expected[name]?.[i] ?? NaN))), 0);
    expect(far).toBeLessThan(tolerance);
  }
};

const data = blobs({ classes: 3, input: [6, 6, 1], examples: 24, batch: 6 });
const small = cnn({ channels: [3, 4], dropout: 0.3 });
const large = cnn({ channels: [3, 4], kernelSize: 5 });

describe('interleave', () => {
  const iakd = (probability: number) =>
    compose(data)
      .teacher(large, { frozen: true })
      .students({ s: small })
      .node('s0', snapshot({ of: 's' }))
      .node('t0', snapshot({ of: 'teacher' }))
      .node('hybrid', interleave({ keep: 's', swapIn: 'teacher', at: ['block1', 'block2'], probability }))
      .supervise(crossEntropy(), { to: ['hybrid'] });

  it('with p = 1 is plain training, bit for bit', async () => {
    const optimizer = sgd({ lr: 0.1, momentum: 0.9, weightDecay: 1e-3 });
    const hybrid = await train(await iakd(1).optimize(optimizer).build(), { epochs: 2 });
    const plain = await train(await compose(data).students({ s: small }).supervise(crossEntropy()).optimize(optimizer).build(), { epochs: 2 });
    for (const kind of ['parameter', 'buffer', 'slot']) {
      expect(Object.keys(of(hybrid.last, 's', kind)).length).toBeGreaterThan(0);
      expect(of(hybrid.last, 's', kind)).toEqual(of(plain.last, 's', kind));
    }
  });

  it('with p = 0 trains the student\'s classifier on the teacher\'s features, and moves nothing else', async () => {
    const without = cnn({ channels: [3, 4] });
    const chain = compose(data).teacher(large, { frozen: true }).students({ s: without });
    const hybrid = await train(await chain.node('hybrid', interleave({ keep: 's', swapIn: 'teacher', at: ['block1', 'block2'], probability: 0 })).node('s0', snapshot({ of: 's' })).supervise(crossEntropy(), { to: 'hybrid' }).optimize(sgd({ lr: 0.1 })).build());
    const lent = await train(await chain.node('lent', sharedHead({ features: 'teacher', at: 'pooled', classifier: 's', gradient: 'both' })).supervise(crossEntropy(), { to: 'lent' }).optimize(sgd({ lr: 0.1 })).build());
    expect(hybrid.losses['hybrid']).toBeCloseTo(lent.losses['lent'] ?? NaN, 5);
    expectClose(beginning(of(hybrid.last, 's'), 'logits/'), beginning(of(lent.last, 's'), 'logits/'), 1e-5);
    expect(beginning(of(hybrid.last, 's'), 'logits/')).not.toEqual(beginning(of(hybrid.last, 's0'), 'logits/'));
    expect(beginning(of(hybrid.last, 's'), 'block')).toEqual(beginning(of(hybrid.last, 's0'), 'block'));
    expect(of(hybrid.last, 's', 'buffer')).toEqual(of(hybrid.last, 's0', 'buffer'));
  });

  it('in between trains the blocks it draws, also through the teacher\'s, and moves the statistics of these alone', async () => {
    const { at, last } = await train(await iakd(0.5).optimize(sgd({ lr: 0.1 })).build(), { epochs: 4 });
    const drawn = new Set<string>();
    for (let step = 1; step <= 16; step++) {
      const [before, now] = [step === 1 ? undefined : at.get(step - 1), at.get(step)];
      const moved = (block: string, kind: string): boolean => {
        const [was, is] = [before === undefined ? of(now, 's0', kind) : of(before, 's', kind), of(now, 's', kind)];
        return JSON.stringify(beginning(was, block)) !== JSON.stringify(beginning(is, block));
      };
      const own = ['block1', 'block2'].map((block) => moved(block, 'parameter'));
      expect(['block1', 'block2'].map((block) => moved(block, 'buffer'))).toEqual(own);
      drawn.add(own.join());
    }
    // With the first block the student's and the second the teacher's, the gradient came through the teacher.
    expect([...drawn].sort()).toEqual(['false,false', 'false,true', 'true,false', 'true,true']);
    expect(of(last, 'teacher')).toEqual(of(last, 't0'));
    expect(of(last, 'teacher', 'buffer')).toEqual(of(last, 't0', 'buffer'));
  });

  it('outside of training is the student alone, under whatever schedule', async () => {
    const review = joined([linear({ from: 0.5, to: 1 }), linear({ from: 0.5, to: 1 })], { epochs: [1] });
    const chain = compose(data).teacher(large, { frozen: true }).students({ s: small });
    const { evaluation } = await train(await chain.node('hybrid', interleave({ keep: 's', swapIn: 'teacher', at: ['block2'], after: 'block1', probability: review })).supervise(crossEntropy(), { to: ['hybrid'] }).optimize(sgd({ lr: 0.1 })).build(), { epochs: 2 });
    expect(evaluation?.nodes['hybrid']).toEqual(evaluation?.nodes['s']);
  });

  it('says which blocks do not fit, when the pipeline is built', async () => {
    const chain = compose(data).teacher(cnn({ channels: [3, 8] }), { frozen: true }).students({ s: small }).node('hybrid', interleave({ keep: 's', swapIn: 'teacher', at: ['block1', 'block2'] }));
    await expect(chain.supervise(crossEntropy(), { to: ['hybrid'] }).optimize(sgd({ lr: 0.1 })).build()).rejects.toThrow("interleave: tap 'block2' has shape [3, 3, 4] in 's' and [3, 3, 8] in 'teacher'");
  });
});

describe('sharedHead', () => {
  const atsc = (gradient: 'features' | 'both') =>
    compose(data)
      .teacher(large)
      .students({ s: small })
      .node('judged', sharedHead({ features: 's', at: 'pooled', classifier: 'teacher', gradient }))
      .node('t0', snapshot({ of: 'teacher' }));

  it.each(['features', 'both'] as const)('trains the student through the teacher\'s classifier, and that where it is told to: %s', async (gradient) => {
    // The teacher is held by an anchor that begins at 0, so that nothing but the student's loss could move it.
    const { last } = await train(await atsc(gradient).supervise(crossEntropy(), { to: ['judged'] }).edge(weightAnchor(), { from: 't0', to: 'teacher' }).optimize(sgd({ lr: 0.1 })).build());
    const [now, then] = [of(last, 'teacher'), of(last, 't0')];
    if (gradient === 'features') expect(now).toEqual(then);
    else expect(beginning(now, 'logits/')).not.toEqual(beginning(then, 'logits/'));
    expect(beginning(now, 'block')).toEqual(beginning(then, 'block'));
  });

  it('is measured, and says what does not fit', async () => {
    const { evaluation } = await train(await atsc('features').supervise(crossEntropy()).supervise(crossEntropy(), { to: 'judged' }).optimize(sgd({ lr: 0.1 })).build());
    expect(Object.keys(evaluation?.nodes ?? {})).toContain('judged');
    const build = (at: 'block1' | 'pooled', layer: string): Promise<unknown> =>
      compose(data).teacher(large).students({ s: small }).node('judged', sharedHead({ features: 's', at, classifier: 'teacher', layer })).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 })).build();
    await expect(build('block1', 'logits')).rejects.toThrow("sharedHead: tap 'block1' is 3 wide but the classifier of 'teacher' reads 4.");
    await expect(build('pooled', 'head')).rejects.toThrow("sharedHead: 'teacher' has no parameter 'head/kernel'. Name its classifier: its parameters are block1_");
  });
});

describe('weightAnchor', () => {
  it('pulls back to where weights were, but for the classifier', async () => {
    const chain = compose(data).teacher(large).students({ s: small }).node('t0', snapshot({ of: 'teacher' })).supervise(crossEntropy());
    const far = async (weight: number): Promise<readonly number[]> => {
      const { last } = await train(await chain.edge(weightAnchor({ except: 'head' }), { from: 't0', to: 'teacher', weight }).optimize(sgd({ lr: 0.05 })).build(), { epochs: 2 });
      const [now, then] = [of(last, 'teacher'), of(last, 't0')];
      return ['block2_kernel', 'logits/kernel'].map((part) => {
        const name = Object.keys(now).find((each) => (part === 'logits/kernel' ? each === part : each.startsWith('block2') && each.endsWith('/kernel'))) ?? '';
        return Math.hypot(...(now[name] ?? []).map((x, i) => x - (then[name]?.[i] ?? NaN)));
      });
    };
    const [[block = NaN, head = NaN], [heldBlock = NaN, heldHead = NaN]] = [await far(0), await far(5)];
    expect(heldBlock).toBeLessThan(block / 3);
    expect(heldHead).toBeGreaterThan(head / 3);
  });
});

describe('output', () => {
  it('hands on the rows and labels of the view that its branch saw', async () => {
    const net = branches(cnn({ channels: [3, 4] }), { names: ['p1', 'p2'], from: 'block1', views: true });
    /** Rows from the last to the first, of labels only where these are to agree. */
    const backwards = (name: string, labelsToo: boolean) => {
      const turned = ({ shape, values }: HostArray): HostArray => {
        const row = values.length / (shape[0] ?? 1);
        return { shape, values: values.map((_, at) => values[values.length - row * (Math.floor(at / row) + 1) + (at % row)] ?? NaN) };
      };
      return defineView({ name }, (batch) => ({
        ...batch,
        input: turned(batch.input),
        ...(labelsToo ? { labels: Object.fromEntries(Object.entries(batch.labels).map(([label, array]) => [label, turned(array)])) } : {}),
      }));
    };
    const losses = async (...views: View[]): Promise<Named<number>> => {
      const chain = compose(data).students({ net }).node('p1', output({ of: 'net', emit: { logits: 'tap:p1/logits' }, view: 0 })).node('p2', output({ of: 'net', emit: { logits: 'tap:p2/logits' }, view: 1 }));
      return (await train(await chain.views({ net: views }).supervise(crossEntropy(), { to: ['p1', 'p2'] }).optimize(sgd({ lr: 0.1 })).build())).losses;
    };
    // A mean over the batch does not hear of the order, unless labels stand beside other rows.
    const [same, turned, wrong] = [await losses(original(), original()), await losses(original(), backwards('turned', true)), await losses(original(), backwards('wrong', false))];
    for (const branch of ['p1', 'p2']) expect(turned[branch]).toBeCloseTo(same[branch] ?? NaN, 5);
    expect(wrong['p1']).toBeCloseTo(same['p1'] ?? NaN, 5);
    expect(Math.abs((wrong['p2'] ?? NaN) - (same['p2'] ?? NaN))).toBeGreaterThan(1e-2);
  });
});

describe('mined', () => {
  it('is seen beside the original by the students and the teacher that made it', async () => {
    const net = cnn({ channels: [3, 4] });
    const chain = compose(data).teacher(net).students({ s: net });
    const looks = [original(), mined({ by: 'teacher', size: 1 / 3 })];
    const { last } = await train(await chain.views({ teacher: looks, s: looks }).supervise(crossEntropy()).distill(kd({ temperature: 4 })).optimize(sgd({ lr: 0.1 })).build());
    const { last: plain } = await train(await chain.supervise(crossEntropy()).distill(kd({ temperature: 4 })).optimize(sgd({ lr: 0.1 })).build());
    expect(of(last, 's')).not.toEqual(of(plain, 's'));
  });
});

const flipped = defineView({ name: 'flipped' }, (batch) => ({ ...batch, input: { ...batch.input, values: batch.input.values.map((x) => -x) } }));
const usual = sgd({ lr: 0.05, momentum: 0.9 });

/** Chains that have all the nodes of this package between them. */
const chains = {
  kdcl: (): Promise<Run> =>
    compose(data)
      .students({ a: small, b: cnn({ channels: [4, 4] }) })
      .node('least', minLogit({ of: ['a', 'b'] }))
      .node('best', naive({ of: ['a', 'b'] }))
      .node('mixed', linearMin({ of: ['a', 'b'] }))
      .node('cancelled', generalMin({ of: ['a', 'b'], decay: 0.5 }))
      .supervise(crossEntropy())
      .edge(kd({ temperature: 2 }), { from: ['least', 'best', 'mixed', 'cancelled'], to: ['a', 'b'] })
      .optimize(usual)
      .build(),
  pcl: (): Promise<Run> =>
    compose(data)
      .students({ net: branches(cnn({ channels: [3, 4] }), { names: ['p1', 'p2'], from: 'block1', views: true }) })
      .node('p1', output({ of: 'net', emit: { logits: 'tap:p1/logits', 'tap:pooled': 'tap:p1/pooled' }, view: 0 }))
      .node('p2', output({ of: 'net', emit: { logits: 'tap:p2/logits', 'tap:pooled': 'tap:p2/pooled' }, view: 1 }))
      .node('all', concatClassifier({ of: ['p1', 'p2'], at: 'pooled' }))
      .views({ net: [original(), flipped] })
      .supervise(crossEntropy(), { to: ['p1', 'p2', 'all'] })
      .edge(kd({ temperature: 3 }), { from: 'all', to: ['p1', 'p2'] })
      .optimize(usual)
      .build(),
  one: (): Promise<Run> =>
    compose(data)
      .students({ net: branches(cnn({ channels: [3, 4] }), { names: ['p1', 'p2'], from: 'block1' }) })
      .node('p1', output({ of: 'net', emit: { logits: 'tap:p1/logits' } }))
      .node('p2', output({ of: 'net', emit: { logits: 'tap:p2/logits' } }))
      .node('all', gated({ of: ['p1', 'p2'], by: 'net', at: 'block1' }))
      .supervise(crossEntropy(), { to: ['p1', 'p2', 'all'] })
      .edge(kd({ temperature: 3 }), { from: 'all', to: ['p1', 'p2'] })
      .optimize(usual)
      .build(),
  okddip: (): Promise<Run> =>
    compose(data)
      .students({ a: small, b: small })
      .node('attention', attentive({ of: ['a', 'b'], at: 'pooled', reduce: 2 }))
      .node('forA', output({ of: 'attention', emit: { logits: 'tap:a/target' } }))
      .node('forB', output({ of: 'attention', emit: { logits: 'tap:b/target' } }))
      .supervise(crossEntropy())
      .edge(kd({ temperature: 3 }), { from: 'forA', to: 'a', gradient: 'both' })
      .edge(kd({ temperature: 3 }), { from: 'forB', to: 'b', gradient: 'both' })
      .optimize(usual)
      .build(),
  amtml: (): Promise<Run> =>
    compose(data)
      .teachers({ t1: large, t2: cnn({ channels: [4] }) }, { frozen: true })
      .students({ s: small })
      .node('mix', instanceWeighted({ of: ['t1', 't2'], by: 's', at: 'last', temperature: 5 }))
      .supervise(crossEntropy())
      .distill(kd({ temperature: 5 }), { from: 'mix', gradient: 'both' })
      .optimize(usual)
      .build(),
  iakd: (): Promise<Run> =>
    compose(data)
      .teacher(large, { frozen: true })
      .students({ s: small })
      .node('hybrid', interleave({ keep: 's', swapIn: 'teacher', at: ['block1', 'block2'] }))
      .supervise(crossEntropy(), { to: ['hybrid'] })
      .optimize(usual)
      .build(),
} as const;

describe.each(Object.entries(chains))('%s', (_, chain) => {
  it('trains all that owns weights, compiled as operation by operation', async () => {
    const build = (): Promise<Run> => chain();
    const [usual, eager] = [await train(await build()), await train(await build(), { eager: true })];
    expectClose(usual.last, eager.last, 2e-5);
    const first = usual.at.get(1);
    for (const [name, values] of Object.entries(usual.last)) {
      if (!/^node\/(mix|all|attention|cancelled)\//.test(name)) continue;
      expect([name, values.every((x, i) => x === first?.[name]?.[i])]).toEqual([name, false]);
    }
  });

  it('goes on from a checkpoint to the same bytes, buffers and draws included', async () => {
    const whole = await train(await chain());
    // As if it had been stopped after its second step.
    for (const file of readdirSync(directory)) if (!file.includes('000000002')) rmSync(join(directory, file));
    expect(readdirSync(directory).length).toBeGreaterThan(0);
    expect((await train(await chain(), { resume: true })).last).toEqual(whole.last);
  });
});

import { describeOnNative } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { openProgram } from '../compiled-step.ts';
import { loadAddon } from '../session/load-addon.ts';
import { loadTfjsNode } from '../session/load-tfjs-node.ts';
import { dropNoOps } from './drop-no-ops.ts';
import { flatVariables, flatten } from './flat-variables.ts';
import { fuseUpdates } from './fuse-updates.ts';
import { nativeBackend } from './native-backend.ts';
import { record } from './record.ts';

type Step = Parameters<typeof record>[1];

const SHAPES = [[2, 3], [3], [2, 2, 2]];
const NUMBERS = { lr: 0.1, mu: 0.9 };

describeOnNative('flat variables', [loadTfjsNode, loadAddon], () => {
  const like = (offset: number, shapes = SHAPES): tf.Variable[] =>
    shapes.map((shape) => tf.tidy(() => tf.variable(tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, at) => Math.sin(at + offset)), shape))));
  const input = { dtype: 'float32', shape: [], values: Float32Array.of(0.3) } as const;

  /** `v ← μ v + sin(w x)`, `w ← w − lr v`, for some of the variables. */
  const momentum = (w: readonly tf.Variable[], v: readonly tf.Variable[], moves: (at: number) => boolean = () => true): Step => ({ x }, { lr, mu }) => {
    const sum = tf.addN(w.map((each) => tf.sum(each)));
    w.forEach((each, at) => {
      const slot = v[at];
      if (slot === undefined || !moves(at)) return;
      const velocity = tf.add(tf.mul(slot, mu as tf.Scalar), tf.sin(tf.mul(each, x as tf.Tensor)));
      each.assign(tf.sub(each, tf.mul(velocity, lr as tf.Scalar)));
      slot.assign(velocity);
    });
    return { sum };
  };

  const run = async (steps: readonly ((w: readonly tf.Variable[], v: readonly tf.Variable[]) => Step)[]): Promise<void> => {
    const [eager, compiled] = [0, 1].map(() => ({ w: like(0), v: like(7) }));
    if (eager === undefined || compiled === undefined) return;
    const program = openProgram();
    for (const make of steps) {
      const step = program.step(make(compiled.w, compiled.v) as unknown as (inputs: { x: tf.Tensor }, scalars: { lr: tf.Scalar; mu: tf.Scalar }) => Record<string, tf.Tensor>);
      for (let at = 0; at < 2; at++) {
        const x = tf.scalar(0.3 + at);
        const expected = tf.tidy(() => make(eager.w, eager.v)({ x }, { lr: tf.scalar(NUMBERS.lr), mu: tf.scalar(NUMBERS.mu) }, (_, compute) => compute()));
        const outputs = await step({ x }, NUMBERS);
        expect(outputs['sum']?.dataSync()).toEqual(expected['sum']?.dataSync());
        tf.dispose([x, outputs, expected]);
      }
    }
    await program.pull();
    for (const kind of ['w', 'v'] as const) expect(compiled[kind].map((variable) => variable.dataSync())).toEqual(eager[kind].map((variable) => variable.dataSync()));
    await program.close();
    tf.dispose([eager, compiled]);
  };

  it('are parameters on one side and their slots on the other, in one order, and are moved by one kernel', () => {
    const backend = nativeBackend();
    if (backend === undefined) throw new Error('these tests run on native TensorFlow');
    const w = like(0);
    // Made in another order than the parameters.
    const v = like(7, SHAPES.toReversed()).toReversed();
    const trace = dropNoOps(record(backend, momentum(w, v), { x: input }, NUMBERS));
    const flats = flatVariables(trace, trace.states);
    expect(flats.map(({ members }) => members.map(({ variable }) => variable.shape))).toEqual([SHAPES, SHAPES]);
    const { nodes } = fuseUpdates(flatten(trace, flats));
    expect(nodes.flatMap(({ op }) => (/Variable|Resource/.test(op) ? [op] : []))).toEqual(['ReadVariableOp', 'ResourceApplyMomentum']);
    tf.dispose([v, w]);
  });

  it('take the same values as variables by themselves', () => run([(w, v) => momentum(w, v)]));

  it('move in part where a later step lets some rest', () => run([(w, v) => momentum(w, v), (w, v) => momentum(w, v, (at) => at !== 1)]));

  it('move by what differs in a number only, and are read as they have become', async () => {
    await run([
      (w) => ({ x }) => {
        w.forEach((each, at) => {
          each.assign(tf.sub(each, tf.mul(tf.sin(tf.mul(each, x as tf.Tensor)), 0.1 * (at + 1))));
        });
        return { sum: tf.addN(w.map((each) => tf.sum(each))) };
      },
    ]);
  });
});

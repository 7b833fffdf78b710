import { describeOnNative } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { compiledStep } from '../compiled-step.ts';
import { INT, FLOAT, execute } from '../ops/execute.ts';
import { loadAddon } from '../session/load-addon.ts';
import { loadTfjsNode } from '../session/load-tfjs-node.ts';
import { nativeBackend } from './native-backend.ts';
import { record } from './record.ts';

type Step = Parameters<typeof record>[1];
const x = { dtype: 'float32', shape: [4, 3], values: Float32Array.from({ length: 12 }, (_, at) => Math.floor(at / 2)) } as const;

describeOnNative('while a step is recorded', [loadTfjsNode, loadAddon], () => {
  let began = 0;
  beforeEach(() => {
    began = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors).toBe(began);
  });

  /** What TensorFlow executes meanwhile, but for the copies of what is fed, and how many of its tensors are left over. */
  const executedOf = (step: Step): { readonly executed: readonly string[]; readonly leftOver: number } => {
    const backend = nativeBackend();
    if (backend === undefined) throw new Error('these tests run on native TensorFlow');
    const { binding } = backend;
    const executed: string[] = [];
    const alive = new Set<number>();
    const watched = Object.create(binding) as typeof binding;
    const watch = (name: string, value: unknown): unknown => Object.defineProperty(watched, name, { value });
    watch('createTensor', ((...given) => {
      const handle = binding.createTensor(...given);
      alive.add(handle);
      return handle;
    }) satisfies typeof binding.createTensor);
    watch('executeOp', ((op, ...given) => {
      if (op !== 'Identity') executed.push(op);
      const made = binding.executeOp(op, ...given);
      for (const { id } of made) alive.add(id);
      return made;
    }) satisfies typeof binding.executeOp);
    watch('deleteTensor', (handle: number) => {
      alive.delete(handle);
      binding.deleteTensor(handle);
    });
    backend.binding = watched;
    try {
      record(backend, step, { x }, {});
    } finally {
      backend.binding = binding;
    }
    return { executed, leftOver: alive.size };
  };

  it('nothing is computed: not layers, nor gradients, nor assignments', () => {
    const w = tf.tidy(() => tf.variable(tf.ones<tf.Rank.R4>([3, 3, 1, 2])));
    // TensorFlow gets a variable's value with its first use.
    tf.neg(w).dispose();
    const step: Step = ({ x }) => {
      const { value, grads } = tf.variableGrads(() => tf.conv2d(tf.reshape<tf.Rank.R4>(x ?? 0, [1, 4, 3, 1]), w as tf.Tensor4D, [2, 1], 'same').relu().pad([[0, 0], [1, 1], [0, 0], [0, 0]]).mean([1, 2]).sum(), [w]);
      w.assign(tf.sub(w, grads[w.name] ?? 0));
      return { value };
    };
    expect(executedOf(step)).toEqual({ executed: [], leftOver: 0 });
    w.dispose();
  });

  it('what has a shape that depends on values is computed, with what it is made of alone', async () => {
    const step = ({ x }: { readonly x: tf.Tensor }): { count: tf.Tensor; other: tf.Tensor } => {
      const halves = tf.floor(tf.div(x, 2)).flatten();
      const [unique] = execute('Unique', { T: ['TYPE', FLOAT], out_idx: ['TYPE', INT] }, [halves], 2) as [tf.Tensor];
      return { count: tf.sum(unique.mul(tf.ones(unique.shape))), other: tf.exp(x) };
    };
    expect(executedOf(step as unknown as Step)).toEqual({ executed: ['RealDiv', 'Floor', 'Reshape', 'Unique'], leftOver: 0 });
    const input = tf.tensor(x.values, [...x.shape]);
    const compiled = compiledStep(step);
    // The second recording has other values, as many of which differ.
    const { count, other } = await compiled({ x: input }, {});
    expect(count.dataSync()[0]).toBe(3);
    await compiled.close();
    tf.dispose([input, count, other]);
  });

  it('what the step keeps for itself can be used after', () => {
    let kept: tf.Tensor | undefined;
    const step: Step = ({ x }) => {
      const doubled = tf.mul(x ?? 0, 2);
      kept = tf.keep(tf.add(doubled, 1));
      return { doubled };
    };
    expect(executedOf(step)).toEqual({ executed: ['Mul', 'Add'], leftOver: 1 });
    expect([...(kept?.dataSync() ?? [])]).toEqual([...x.values].map((value) => 2 * value + 1));
    tf.dispose(kept);
  });
});

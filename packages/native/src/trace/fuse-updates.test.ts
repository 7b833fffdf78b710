import { describeOnNative } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { compiledStep } from '../compiled-step.ts';
import { loadAddon } from '../session/load-addon.ts';
import { loadTfjsNode } from '../session/load-tfjs-node.ts';
import { fuseUpdates } from './fuse-updates.ts';
import { nativeBackend } from './native-backend.ts';
import { record } from './record.ts';

type Step = Parameters<typeof record>[1];

describeOnNative('fused updates', [loadTfjsNode, loadAddon], () => {
  const w = (): tf.Variable => tf.tidy(() => tf.variable(tf.tensor2d([[1, -2], [0.3, 7]])));
  const x = { dtype: 'float32', shape: [2, 2], values: Float32Array.of(0.1, -3, 1e-8, 5) } as const;

  /** The operations on variables that are left of a step, and whether two runs of it leave the bits that eager execution leaves. */
  const fusedOf = async (make: (...variables: readonly tf.Variable[]) => Step, count: number): Promise<readonly string[]> => {
    const backend = nativeBackend();
    if (backend === undefined) throw new Error('these tests run on native TensorFlow');
    const [eager, compiled] = [Array.from({ length: count }, w), Array.from({ length: count }, w)];
    const numbers = { lr: 0.1, mu: 0.9 };
    const { nodes } = fuseUpdates(record(backend, make(...compiled), { x }, numbers));
    const step = compiledStep(make(...compiled) as unknown as (inputs: { x: tf.Tensor }, scalars: { lr: tf.Scalar; mu: tf.Scalar }) => Record<string, tf.Tensor>);
    const input = tf.tensor(x.values, [...x.shape]);
    for (let run = 0; run < 2; run++) {
      tf.tidy(() => make(...eager)({ x: input }, { lr: tf.scalar(numbers.lr), mu: tf.scalar(numbers.mu) }, (_, compute) => compute()));
      tf.dispose(await step({ x: input }, numbers));
    }
    await step.pull();
    expect(compiled.map((variable) => [...variable.dataSync()])).toEqual(eager.map((variable) => [...variable.dataSync()]));
    await step.close();
    tf.dispose([input, eager, compiled]);
    return nodes.flatMap(({ op }) => (/Variable|Resource/.test(op) ? [op] : [])).sort();
  };

  it('are momentum in one kernel', async () => {
    const step = (w: tf.Variable, v: tf.Variable): Step => ({ x }, { lr, mu }) => {
      const velocity = tf.add(tf.mul(v, mu as tf.Scalar), x as tf.Tensor);
      w.assign(tf.sub(w, tf.mul(velocity, lr as tf.Scalar)));
      v.assign(velocity);
      return {};
    };
    expect(await fusedOf(step as never, 2)).toEqual(['ResourceApplyMomentum']);
  });

  it('leave momentum alone where something else looks at the velocity', async () => {
    const step = (w: tf.Variable, v: tf.Variable): Step => ({ x }, { lr, mu }) => {
      const velocity = tf.add(tf.mul(v, mu as tf.Scalar), x as tf.Tensor);
      w.assign(tf.sub(w, tf.mul(velocity, lr as tf.Scalar)));
      v.assign(velocity);
      return { norm: tf.norm(velocity) };
    };
    expect(await fusedOf(step as never, 2)).toEqual(['AssignSubVariableOp', 'AssignVariableOp', 'ReadVariableOp']);
  });

  it('are additions and subtractions in place', async () => {
    const step = (a: tf.Variable, b: tf.Variable): Step => ({ x }) => {
      a.assign(tf.sub(a, x as tf.Tensor));
      b.assign(tf.add(x as tf.Tensor, b));
      return {};
    };
    expect(await fusedOf(step as never, 2)).toEqual(['AssignAddVariableOp', 'AssignSubVariableOp']);
  });

  it('read before they write, and are not taken for what is only similar', async () => {
    const step = (a: tf.Variable, b: tf.Variable, c: tf.Variable): Step => ({ x }) => {
      a.assign(tf.sub(x as tf.Tensor, a));
      b.assign(tf.add(b, tf.mean(x as tf.Tensor)));
      c.assign(tf.sub(c, b));
      return { product: tf.mul(c, x as tf.Tensor) };
    };
    expect(await fusedOf(step as never, 3)).toEqual(['AssignVariableOp', 'AssignVariableOp', 'AssignVariableOp', 'ReadVariableOp', 'ReadVariableOp', 'ReadVariableOp']);
  });
});

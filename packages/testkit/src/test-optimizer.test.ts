import { defineOptimizer, defineSchedule, filled, type Optimizer, type Update } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { runOptimizer } from './optimizer/run-optimizer.ts';
import { optimizerLaws, testOptimizer } from './test-optimizer.ts';
import { testOn } from './test-on.ts';

testOn('cpu');

const cooling = defineSchedule({ name: 'cooling' }, ({ step }) => 0.05 * 0.999 ** step);

/** `w − lr g`, with one thing changed. */
const plain = (change: Partial<Parameters<typeof defineOptimizer>[0]> = {}): Optimizer =>
  defineOptimizer({
    name: 'plain',
    scalars: { lr: 0.05 },
    init: () => ({}),
    update: (update) => ({ parameters: moved(update), slots: {} }),
    ...change,
  });

const moved = ({ gradients, parameters, scalar }: Update): Record<string, tf.Tensor> =>
  tf.tidy(() => Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, tf.sub(parameters[name] ?? NaN, tf.mul(g, scalar('lr')))])));

testOptimizer(plain());
testOptimizer(plain({ scalars: { lr: cooling } }));

const broken = async (optimizer: Optimizer): Promise<string[]> => {
  const sentences: string[] = [];
  for (const law of optimizerLaws(optimizer, { steps: 20 })) {
    const before = tf.memory().numTensors;
    tf.engine().startScope();
    try {
      await law.check();
    } catch (error) {
      sentences.push((error as Error).message);
    } finally {
      tf.engine().endScope();
    }
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(0);
  }
  return sentences;
};

describe('an optimizer that breaks a law is told so', () => {
  let memory = 1;
  it.each<[string, Optimizer, string]>([
    ['JSON', plain({ options: { at: NaN } }), "optimizer 'plain' has an option 'at' that JSON cannot hold: use numbers, texts, lists and parts."],
    ['slots', plain({ update: (update) => ({ parameters: moved(update), slots: { v: tf.scalar(1) } }) }), "optimizer 'plain' updates a slot 'v' that init did not make: there are none."],
    ['shapes', plain({ init: () => ({ v: filled([2]) }), update: (update) => ({ parameters: moved(update), slots: { v: tf.scalar(1) } }) }), "optimizer 'plain' makes slot 'v' float32 [] where init made it float32 [2]."],
    ['first slots', plain({ init: () => ({ v: filled([2], NaN) }) }), "optimizer 'plain' begins with a slot 'v' that is not finite, or not of its shape."],
    ['going down', plain({ scalars: { lr: 0 } }), "optimizer 'plain' came from 0.625 to 0.625 in 20 steps down a parabola, not below a hundredth: choose another rate, or say { steps } if it needs more."],
    ['purity', plain({ update: (update) => ({ parameters: Object.fromEntries(Object.entries(moved(update)).map(([name, w]) => [name, tf.add(w, (memory += 1e-5))])), slots: {} }) }), "optimizer 'plain' went two ways from the same start with the same gradients: it must be pure, with all its memory in slots."],
    ['staying on the backend', plain({ update: (update) => (update.scalar('lr').dataSync(), { parameters: moved(update), slots: {} }) }), "optimizer 'plain' reads a tensor's values while it updates (dataSync, data, array or print): stay on the backend, so that a step can be compiled."],
    ['leaks', plain({ update: (update) => (tf.scalar(1), { parameters: moved(update), slots: {} }) }), "optimizer 'plain' kept 1 tensor beside its results: wrap update in tf.tidy."],
    ['disposal', plain({ update: (update) => { const parameters = moved(update); update.gradients['scale']?.dispose(); return { parameters, slots: {} }; } }), "optimizer 'plain' disposed 'scale', which it was only given to read."],
    ['ownership', plain({ update: (update) => ({ parameters: { ...update.parameters, ...moved(update), scale: update.parameters['scale'] ?? tf.scalar(0) }, slots: {} }) }), "optimizer 'plain' returned 'scale' itself: leave it out, or return a new tensor, for the caller disposes it."],
    ['scalars without effect', plain({ scalars: { lr: 0.05, momentum: 0.9 } }), "optimizer 'plain' declares the scalar 'momentum' but comes to the same whatever it is: use update.scalar(name), so that the number can change over training."],
    ['scalars undeclared', plain({ scalars: { rate: 0.05 } }), "optimizer 'plain' asks for the scalar 'lr' but declares only rate: add it to scalars."],
    ['slots at rest', plain({ init: (shapes) => Object.fromEntries(Object.keys(shapes).map((name) => [`v/${name}`, filled([])])), update: (update) => ({ parameters: moved(update), slots: Object.fromEntries(Object.entries(update.slots).map(([name, slot]) => [name, tf.add(slot, 1)])) }) }), "optimizer 'plain' changes slot 'v/scale' of a parameter that got no gradient."],
    ['order', plain({ update: (update) => ({ parameters: Object.fromEntries(Object.entries(moved(update)).map(([name, w], index) => [name, tf.add(w, index / 1e4)])), slots: {} }) }), "optimizer 'plain' comes to numbers 0.0008000"],
    ['finiteness', plain({ update: (update) => tf.tidy(() => ({ parameters: Object.fromEntries(Object.entries(moved(update)).map(([name, w]) => [name, tf.add(w, tf.mul(0, tf.div(1, tf.abs(update.gradients[name] ?? 0))))])), slots: {} })) }), "optimizer 'plain' makes 'layer1/kernel' NaN of gradients of size 0."],
  ])('%s', async (_, optimizer, sentence) => {
    expect(await broken(optimizer)).toContainEqual(expect.stringContaining(sentence));
  });

  it('no parameters', async () => {
    const needy = plain({ update: (update) => (update.gradients['scale'] === undefined && update.gradients['x'] === undefined ? tf.addN([]) : undefined, { parameters: moved(update), slots: {} }) });
    await expect(optimizerLaws(needy).at(-1)?.check()).rejects.toThrow(/addN/);
  });
});

describe('runOptimizer', () => {
  it('goes step by step, with schedules', async () => {
    const start = { w: filled([2], 1), still: filled([], 3) };
    const { path, slots } = await runOptimizer(plain({ scalars: { lr: defineSchedule({ name: 'count' }, ({ step }) => step) } }), {
      start,
      gradients: ({ w = [] }) => ({ w }),
      steps: 3,
    });
    expect(path.map(({ w, still }) => [...(w ?? []), ...(still ?? [])])).toEqual([[1, 1, 3], [0, 0, 3], [0, 0, 3]]);
    expect(slots).toEqual([{}, {}, {}]);
  });
});

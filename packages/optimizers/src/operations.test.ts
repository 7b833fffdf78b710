import { filled, type Optimizer } from '@codistill/core';
import { runOptimizer, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { adam, adamw, chain, clipByGlobalNorm, clipByValue, rmsprop, sgd } from './index.ts';

testOn('cpu');

/** The kernels that one update of so many parameters runs. */
const kernelsOf = async (optimizer: Optimizer, parameters: number): Promise<readonly string[]> => {
  let kernels: readonly string[] = [];
  const start = Object.fromEntries(Array.from({ length: parameters }, (_, index) => [`layer${index}/kernel`, filled([2, 2], index)]));
  const profiles: Promise<void>[] = [];
  await runOptimizer(optimizer, { start, gradients: (values) => values, steps: 1 }, (_, apply) => {
    let updated = undefined as ReturnType<typeof apply> | undefined;
    profiles.push(
      tf.profile(() => {
        updated = apply();
        return updated as unknown as tf.TensorContainer;
      }).then(({ kernelNames, kernels: run }) => {
        kernels = run.map(({ name }) => name);
        expect(kernelNames.length).toBeGreaterThan(0);
      }),
    );
    if (updated === undefined) throw new Error('the update did not run');
    return updated;
  });
  await Promise.all(profiles);
  return kernels;
};

describe('operations of one update', () => {
  it.each<[string, Optimizer, number, number]>([
    ['sgd', sgd({ lr: 0.1 }), 2, 0],
    ['sgd with momentum', sgd({ lr: 0.1, momentum: 0.9 }), 4, 0],
    ['sgd with Nesterov momentum', sgd({ lr: 0.1, momentum: 0.9, nesterov: true }), 6, 0],
    ['sgd with momentum and weight decay', sgd({ lr: 0.1, momentum: 0.9, weightDecay: 5e-4 }), 6, 0],
    ['sgd with momentum and no weight decay of kernels', sgd({ lr: 0.1, momentum: 0.9, weightDecay: 5e-4, except: ['kernel'] }), 4, 0],
    ['adam', adam(), 11, 7],
    ['adamw', adamw(), 13, 7],
    ['rmsprop', rmsprop(), 9, 0],
    ['rmsprop with momentum', rmsprop({ momentum: 0.9 }), 11, 0],
    ['clipping by value', chain(clipByValue({ max: 1 }), sgd({ lr: 0.1 })), 3, 0],
    ['clipping by global norm', chain(clipByGlobalNorm({ max: 1 }), sgd({ lr: 0.1 })), 5, 5],
  ])('%s: %#', async (_, optimizer, perParameter, perStep) => {
    const [three, ten] = [await kernelsOf(optimizer, 3), await kernelsOf(optimizer, 10)];
    expect({ perParameter: (ten.length - three.length) / 7, perStep: ten.length - (10 * (ten.length - three.length)) / 7 }).toEqual({ perParameter, perStep });
  });

  it('sgd with momentum: two multiplications, an addition, a subtraction', async () => {
    expect([...(await kernelsOf(sgd({ lr: 0.1, momentum: 0.9 }), 1))].sort()).toEqual(['Add', 'Multiply', 'Multiply', 'Sub']);
  });
});

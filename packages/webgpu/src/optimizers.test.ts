import { adam, sgd } from '@codistill/optimizers';
import { testOptimizer } from '@codistill/testkit';
import { describeOnWebgpu } from './describe-on-webgpu.ts';

await describeOnWebgpu('laws of optimizers on webgpu', () => {
  testOptimizer(sgd({ lr: 0.02, momentum: 0.9, nesterov: true, weightDecay: 1e-3 }));
  testOptimizer(adam({ lr: 0.05 }));
});

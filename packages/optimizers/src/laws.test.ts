import { defineSchedule } from '@codistill/core';
import { testOn, testOptimizer } from '@codistill/testkit';
import { adam, adamw, addDecayedWeights, chain, clipByGlobalNorm, clipByValue, descend, parameterGroups, rmsprop, scaleByAdam, scaleByRms, sgd, trace } from './index.ts';

testOn('cpu');

const cooling = defineSchedule({ name: 'cooling' }, ({ step, steps }) => 0.05 * (1 - step / steps));

testOptimizer(descend({ lr: 0.05 }));
testOptimizer(sgd({ lr: 0.05 }));
testOptimizer(sgd({ lr: cooling, momentum: 0.8 }));
testOptimizer(sgd({ lr: 0.02, momentum: 0.9, nesterov: true, weightDecay: 1e-3 }));
testOptimizer(sgd({ lr: 0.05, momentum: 0.5, weightDecay: 1e-3, except: ['bias', 'scale'] }));
testOptimizer(adam({ lr: 0.05 }));
testOptimizer(adam({ lr: 0.05, weightDecay: 1e-3 }));
testOptimizer(adamw({ lr: 0.05, except: ['bias'] }));
testOptimizer(rmsprop({ lr: cooling }));
testOptimizer(rmsprop({ lr: 0.002, decay: 0.9, momentum: 0.9, weightDecay: 1e-3 }));
testOptimizer(chain(clipByValue({ max: 0.5 }), sgd({ lr: 0.05, momentum: 0.9 })));
testOptimizer(chain(clipByGlobalNorm({ max: 1 }), adam({ lr: 0.05 })));
testOptimizer(chain(clipByGlobalNorm({ max: 10 }), trace({ momentum: 0.5 }), trace({ momentum: 0.5 }), clipByGlobalNorm({ max: 5 }), descend({ lr: 0.02 })));
testOptimizer(chain(scaleByRms(), scaleByAdam(), addDecayedWeights({ weightDecay: 1e-3 }), descend({ lr: cooling })));
testOptimizer(parameterGroups(sgd({ lr: cooling, momentum: 0.8 }), { bias: adam({ lr: 0.05 }), kernel: chain(clipByGlobalNorm({ max: 10 }), sgd({ lr: 0.05 })) }));

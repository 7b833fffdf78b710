/** Every term, optimizer and ensembler passes its laws on the backend that users get, not only on the reference. */
import {
  adam,
  adamw,
  attention,
  chain,
  chooseBackend,
  clipByGlobalNorm,
  clipByValue,
  crossEntropy,
  featureMse,
  hint,
  kd,
  logitsMse,
  majorityVote,
  maxConfidence,
  meanLogits,
  meanProbabilities,
  mutualKl,
  rmsprop,
  sgd,
} from './index.ts';
import { testEnsembler, testOn, testOptimizer, testTerm } from '@codistill/testkit';

beforeAll(async () => {
  await chooseBackend({ prefer: 'wasm' });
});
testOn('wasm');

testTerm(crossEntropy());
testTerm(crossEntropy({ classWeights: [1, 2, 0.5, 4, 1], labelSmoothing: 0.1 }), { classes: 5 });
testTerm(kd({ temperature: 4 }), { laws: ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] });
testTerm(mutualKl(), { laws: ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] });
testTerm(logitsMse());
testTerm(featureMse({ at: 'last' }));
testTerm(hint({ at: 'last', project: true }), { shapes: { 'tap:last': [4, 4, 3] }, sourceShapes: { 'tap:last': [4, 4, 7] } });
testTerm(attention({ at: 'last' }));

testOptimizer(sgd({ lr: 0.02, momentum: 0.9, nesterov: true, weightDecay: 1e-3 }));
testOptimizer(adam({ lr: 0.05 }));
testOptimizer(adamw({ lr: 0.05, weightDecay: 0.01 }));
testOptimizer(rmsprop({ lr: 0.01, momentum: 0.5 }));
testOptimizer(chain(clipByValue({ max: 1 }), clipByGlobalNorm({ max: 1 }), sgd({ lr: 0.05 })));

testEnsembler(meanProbabilities());
testEnsembler(meanLogits());
testEnsembler(majorityVote());
testEnsembler(maxConfidence());

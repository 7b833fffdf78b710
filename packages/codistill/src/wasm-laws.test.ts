/** Every term, optimizer, ensembler and derived node passes its laws on the backend that users get, not only on the reference. */
import {
  adam,
  adamw,
  attention,
  attentive,
  chain,
  chooseBackend,
  clipByGlobalNorm,
  clipByValue,
  concatClassifier,
  crossEntropy,
  featureMse,
  gated,
  generalMin,
  hint,
  instanceWeighted,
  kd,
  linearMin,
  logitsMse,
  majorityVote,
  maxConfidence,
  meanLogits,
  meanProbabilities,
  minLogit,
  mutualKl,
  naive,
  output,
  parameterGroups,
  rmsprop,
  sgd,
} from './index.ts';
import { testDerived, testEnsembler, testOn, testOptimizer, testTerm } from '@codistill/testkit';

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
testOptimizer(parameterGroups(sgd({ lr: 0.05, momentum: 0.5 }), { bias: adam({ lr: 0.05 }) }));
testOptimizer(chain(clipByValue({ max: 1 }), clipByGlobalNorm({ max: 1 }), sgd({ lr: 0.05 })));

testEnsembler(meanProbabilities());
testEnsembler(meanLogits());
testEnsembler(majorityVote());
testEnsembler(maxConfidence());

const three = ['a', 'b', 'c'] as const;
const maps = { 'tap:last': [2, 3, 4] } as const;
testDerived(output({ of: 'net', emit: { logits: 'tap:p2/logits', 'tap:pooled': 'tap:p2/pooled' } }));
testDerived(concatClassifier({ of: three, at: 'last' }), { shapes: maps });
testDerived(gated({ of: three, by: 'net', at: 'last' }), { shapes: maps, batch: 6 });
testDerived(attentive({ of: three, at: 'last', reduce: 2 }), { shapes: maps });
testDerived(instanceWeighted({ of: ['t1', 't2'], by: 's', at: 'last', temperature: 5 }), { shapes: maps, detached: ['s/tap:last'] });
testDerived(minLogit({ of: three }));
testDerived(naive({ of: three }), { batch: 12 });
testDerived(linearMin({ of: three }), { smooth: false });
testDerived(generalMin({ of: three }), { smooth: false });

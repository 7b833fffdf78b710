/** Terms and ensemblers pass the laws they pass elsewhere. */
import { majorityVote, meanLogits, meanProbabilities } from '@codistill/ensemblers';
import { attention, crossEntropy, focal, hint, kd, rkdDistance, sp } from '@codistill/losses';
import { testEnsembler, testTerm } from '@codistill/testkit';
import { describeOnWebgpu } from './describe-on-webgpu.ts';

const pooled = { examplesInteract: true, shapes: { 'tap:pooled': [6] } } as const;

await describeOnWebgpu('laws on webgpu', () => {
  testTerm(crossEntropy({ classWeights: [1, 2, 0.5], labelSmoothing: 0.1 }), { classes: 3 });
  testTerm(focal());
  testTerm(kd({ temperature: 4 }), { laws: ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] });
  testTerm(hint({ at: 'last', project: true }), { shapes: { 'tap:last': [4, 4, 3] }, sourceShapes: { 'tap:last': [4, 4, 7] } });
  testTerm(attention({ at: 'last' }));
  testTerm(rkdDistance({ at: 'pooled' }), pooled);
  testTerm(sp({ at: 'pooled' }), pooled);
  testEnsembler(meanProbabilities());
  testEnsembler(meanLogits());
  testEnsembler(majorityVote());
});

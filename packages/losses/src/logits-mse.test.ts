import { readFileSync } from 'node:fs';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { logitsMse } from './logits-mse.ts';

const golden = JSON.parse(readFileSync(new URL('./logits-mse.golden.json', import.meta.url), 'utf8')) as { cases: GoldenTerm[] };

testOn('cpu');

testTerm(logitsMse(), {
  laws: ['zeroWhenEqual', 'nonNegative'],
  closedFormGradient: ({ logits: s }, { logits: t }) => ({ logits: s.sub(t).mul(2 / s.size) }),
});
testTerm(logitsMse(), { shapes: { logits: [2, 3, 5] }, laws: ['zeroWhenEqual', 'nonNegative'] });

testLaws('logitsMse equals PyTorch', golden.cases.map((one) => goldenTermLaw(logitsMse(), one)));

import { readFileSync } from 'node:fs';
import { defineTerm } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import type * as tf from '@tensorflow/tfjs';
import { hierarchicalContext } from './hierarchical-context.ts';

const golden = JSON.parse(readFileSync(new URL('./hierarchical-context.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: unknown })[];
};
const term = defineTerm({
  name: 'hierarchicalContext',
  from: 'node',
  needs: ['tap:last'],
  compute: (s, t) => hierarchicalContext(s['tap:last'] as tf.Tensor4D, t['tap:last'] as tf.Tensor4D),
});

testOn('cpu');

testTerm(term, { shapes: { 'tap:last': [7, 7, 2] }, laws: ['zeroWhenEqual', 'nonNegative'] });
testTerm(term, { shapes: { 'tap:last': [1, 1, 6] }, laws: ['zeroWhenEqual', 'nonNegative'] });

testLaws('hierarchicalContext equals PyTorch', golden.cases.map((one) => goldenTermLaw(term, one)));

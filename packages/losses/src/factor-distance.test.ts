import { readFileSync } from 'node:fs';
import { defineTerm } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { factorDistance } from './factor-distance.ts';

const golden = JSON.parse(readFileSync(new URL('./factor-distance.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: unknown })[];
};

const between = (form: 'energy' | 'whole') =>
  defineTerm({
    name: 'factorDistance',
    options: { form },
    from: 'node',
    needs: ['tap:last'],
    compute: (s, t) => factorDistance(s['tap:last'], t['tap:last'], form),
  });

testOn('cpu');

testTerm(between('energy'), { laws: ['zeroWhenEqual', 'nonNegative'] });
testTerm(between('whole'), { laws: ['zeroWhenEqual', 'nonNegative'] });

testLaws('factorDistance equals PyTorch', golden.cases.map((one) => goldenTermLaw(between('energy'), one)));

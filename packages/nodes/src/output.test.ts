import { type Derived, describe as describePart } from '@codistill/core';
import { derivedBench, testDerived, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { output } from './output.ts';

testOn('cpu');

testDerived(output({ of: 'net', emit: { logits: 'tap:p2/logits', 'tap:pooled': 'tap:p2/pooled' } }));

describe('output', () => {
  it('hands on readings under other names, to the bit', () => {
    const bench = derivedBench(output({ of: 'net', emit: { logits: 'tap:p2/logits', 'tap:pooled': 'tap:p2/pooled' } }));
    tf.tidy(() => {
      const emitted = bench.read();
      expect(emitted.logits.dataSync()).toEqual(bench.members['net']?.['tap:p2/logits']?.dataSync());
      expect(emitted['tap:pooled']?.dataSync()).toEqual(bench.members['net']?.['tap:p2/pooled']?.dataSync());
    });
    bench.dispose();
  });

  it('says in its type what it emits and needs', () => {
    const second = output({ of: 'net', emit: { logits: 'tap:p2/logits' }, view: 1 });
    const typed: Derived<'net', 'logits', 'tap:p2/logits'> = second;
    // @ts-expect-error: another signal
    const other: Derived<'net', 'logits', 'tap:p3/logits'> = second;
    expect([typed, other].map(({ needs, view }) => [needs, view])).toEqual([[['tap:p2/logits'], 1], [['tap:p2/logits'], 1]]);
    expect(describePart(second).options).toEqual({ of: 'net', emit: { logits: 'tap:p2/logits' }, view: 1 });
  });

  it('reads a signal once that it emits twice', () => {
    expect(output({ of: 'net', emit: { logits: 'tap:x', 'tap:y': 'tap:x' } }).needs).toEqual(['tap:x']);
  });
});

import type { Term } from '@codistill/core';
import { cc } from './cc.ts';
import { pkt } from './pkt.ts';
import { rkdAngle } from './rkd-angle.ts';
import { rkdDistance } from './rkd-distance.ts';
import { sp } from './sp.ts';

describe('a relation', () => {
  it('is of the logits where no tap is named', () => {
    expect([rkdDistance(), rkdAngle(), pkt(), sp(), cc()].map(({ needs }) => needs)).toEqual(Array(5).fill(['logits']));
    expect([rkdDistance, rkdAngle, pkt, sp, cc].map((relation) => relation({ at: 'pooled' }).needs)).toEqual(Array(5).fill(['tap:pooled']));
  });

  it('says in its type what it reads', () => {
    const ofLogits: Term<'sp', 'node', 'logits', never> = sp();
    const ofTap: Term<'sp', 'node', 'tap:pooled', never> = sp({ at: 'pooled' });
    // @ts-expect-error: it reads a tap
    const wrong: Term<'sp', 'node', 'logits', never> = sp({ at: 'pooled' });
    expect([ofLogits, ofTap, wrong].map(({ options }) => options['at'])).toEqual([undefined, 'pooled', 'pooled']);
  });
});

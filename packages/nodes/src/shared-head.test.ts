import { describe as describePart, readsOf } from '@codistill/core';
import { sharedHead } from './shared-head.ts';

describe('sharedHead', () => {
  const node = sharedHead({ features: 's', at: 'projectedPooled', classifier: 'teacher' });

  it('describes itself, owns nothing and has only the features read', () => {
    expect(describePart(node)).toEqual({
      package: '@codistill/nodes',
      name: 'sharedHead',
      options: { features: 's', at: 'projectedPooled', classifier: 'teacher', layer: 'logits', gradient: 'features' },
    });
    expect([node.state, node.of.map((name) => readsOf(node, name))]).toEqual([undefined, [['tap:projectedPooled'], []]]);
  });

  it('may lend a network its own classifier', () => {
    const own = sharedHead({ features: 's', at: 'pooled', classifier: 's' });
    expect([own.of, readsOf(own, 's')]).toEqual([['s'], ['tap:pooled']]);
  });
});

import { CodistillError, defineSchedule, describe as describePart, key, readsOf } from '@codistill/core';
import { interleave } from './interleave.ts';

const node = interleave({ keep: 's', swapIn: 't', at: ['block1', 'block2'] });

describe('interleave', () => {
  it('describes itself, draws, owns nothing and has nothing read for it', () => {
    expect(describePart(node)).toEqual({ package: '@codistill/nodes', name: 'interleave', options: { keep: 's', swapIn: 't', at: ['block1', 'block2'], probability: 0.5 } });
    expect([node.draws, node.learns, node.of.map((name) => readsOf(node, name))]).toEqual([true, false, [[], []]]);
    const growing = defineSchedule({ name: 'growing' }, ({ epoch }) => epoch);
    expect(interleave({ keep: 's', swapIn: 't', at: ['b'], probability: growing }).scalars['probability']).toBe(growing);
  });

  it('refuses blocks that do not fit together', () => {
    const same = { 'tap:block1': [1, 8, 8, 4], 'tap:block2': [1, 4, 4, 8] } as const;
    expect(node.state?.([same, same], key(1), 3)).toEqual({ parameters: {}, buffers: {} });
    expect(() => node.state?.([same, { ...same, 'tap:block2': [1, 4, 4, 16] }], key(1), 3)).toThrow(
      new CodistillError(
        'BLOCKS_DIFFER',
        "interleave: tap 'block2' has shape [4, 4, 8] in 's' and [4, 4, 16] in 't', and blocks can only be swapped where they agree. Use networks of one family and width.",
      ),
    );
  });

  it('refuses options that make no sense', () => {
    expect(() => interleave({ keep: 's', swapIn: 's', at: ['b'] })).toThrow("interleave: swapIn must be another node than keep, not 's'.");
    expect(() => interleave({ keep: 's', swapIn: 't', at: [] })).toThrow("interleave: at must be the ends of blocks, each once and at least one, not '[]'.");
    expect(() => interleave({ keep: 's', swapIn: 't', at: ['b'], after: 'b' })).toThrow('each once');
    expect(() => interleave({ keep: 's', swapIn: 't', at: ['b'], probability: 1.5 })).toThrow('interleave: probability must be from 0 to 1, not 1.5.');
  });
});

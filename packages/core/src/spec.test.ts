import { deepFreeze } from './spec.ts';

describe('deepFreeze', () => {
  it('freezes records and lists through and through, and returns what it was given', () => {
    const value = { nodes: [{ name: 'a', of: ['b'] }], count: 1, none: null };
    const frozen = deepFreeze(value);
    expect(frozen).toBe(value);
    for (const part of [frozen, frozen.nodes, frozen.nodes[0], frozen.nodes[0]?.of]) expect(Object.isFrozen(part)).toBe(true);
    expect(() => (frozen.nodes[0]?.of as string[]).push('c')).toThrow(TypeError);
  });

  it('goes on below what is frozen already', () => {
    const list = [1, 2];
    deepFreeze({ part: Object.freeze({ options: { list } }) });
    expect(Object.isFrozen(list)).toBe(true);
  });

  it('leaves plain values alone', () => {
    expect([deepFreeze(1), deepFreeze('a'), deepFreeze(null)]).toEqual([1, 'a', null]);
  });
});

import { audit, otherInputs } from './audit.ts';
import type { Logged, Trace } from './trace.ts';

const logged = (structure: string, constant?: readonly number[], op = structure): Logged => ({ structure, ...(constant === undefined ? {} : { constant }), place: () => ({ op, part: undefined, line: undefined }) });
const trace = (...log: Logged[]): Trace => ({ nodes: [], inputs: [], states: [], outputs: [], shapes: new Map(), log });

const audited = (first: Trace, second: Trace): void => audit(first, second, () => first);

describe('other inputs', () => {
  it('are other numbers of the same kind and shape', () => {
    const [inputs, scalars] = otherInputs(
      {
        x: { dtype: 'float32', shape: [2], values: Float32Array.of(1, 2) },
        ones: { dtype: 'float32', shape: [2], values: Float32Array.of(1, 1) },
        key: { dtype: 'int32', shape: [2], values: Int32Array.of(7, 9) },
        flags: { dtype: 'bool', shape: [2], values: Uint8Array.of(0, 1) },
      },
      { lr: 0.1, off: 0 },
    );
    expect(Object.fromEntries(Object.entries(inputs).map(([name, { values }]) => [name, [...values]]))).toEqual({ x: [2, 1], ones: [1.5, 1.5], key: [9, 7], flags: [1, 0] });
    expect(scalars['lr']).not.toBe(0.1);
    expect(scalars['off']).not.toBe(0);
  });
});

describe('an audit', () => {
  it('passes what is the same, NaN included', () => {
    expect(() => audited(trace(logged('a'), logged('c', [NaN, 0])), trace(logged('a'), logged('c', [NaN, 0])))).not.toThrow();
  });

  it('tells -0 from 0, and names the first number that differs', () => {
    expect(() => audited(trace(logged('c', [1, 0, 3])), trace(logged('c', [1, -0, 4])))).toThrow('c uses a number of the host that was 0 when the step was first recorded and 0 the second time');
    expect(() => audited(trace(logged('c', [1, 2])), trace(logged('c', [1, 3])))).toThrow(/was 2 when .* and 3 the second time/);
  });

  it('names where the structure first differs', () => {
    expect(() => audited(trace(logged('a'), logged('b')), trace(logged('a'), logged('c')))).toThrow('b was c when the step was recorded a second time');
    expect(() => audited(trace(logged('a'), logged('b')), trace(logged('a')))).toThrow('b was absent when the step was recorded a second time');
    expect(() => audited(trace(logged('a')), trace(logged('a'), logged('b')))).toThrow('b was absent when');
    expect(() => audited(trace(logged('a [2]', undefined, 'a')), trace(logged('a [3]', undefined, 'a')))).toThrow('a was another computation when');
  });
});

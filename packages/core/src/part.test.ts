import { describe as describePart, type Part } from './part.ts';
import { defineSchedule } from './schedule.ts';

const cosine = defineSchedule({ package: '@codistill/schedulers', name: 'cosine', options: { from: 8, to: 2 } }, () => 1);

describe('describe', () => {
  it('gives package, name and options, and nothing else', () => {
    const part: Part & { compute: () => void } = { package: '@codistill/losses', name: 'kd', options: { temperature: 4 }, compute: () => undefined };
    expect(describePart(part)).toEqual({ package: '@codistill/losses', name: 'kd', options: { temperature: 4 } });
  });

  it('describes parts inside options, in lists and records too', () => {
    const inner = { package: '@codistill/schedulers', name: 'cosine', options: { from: 8, to: 2 } };
    const part: Part = { package: 'local', name: 'join', options: { temperature: cosine, of: [cosine, cosine], by: { deep: cosine as unknown as number } } };
    expect(describePart(part).options).toEqual({ temperature: inner, of: [inner, inner], by: { deep: inner } });
  });

  it('leaves out what is undefined, and keeps null, false and 0', () => {
    const part: Part = { package: 'local', name: 'x', options: { a: undefined, b: null, c: false, d: 0, e: '', f: [] } };
    expect(describePart(part).options).toEqual({ b: null, c: false, d: 0, e: '', f: [] });
    expect(Object.keys(describePart(part).options)).not.toContain('a');
  });

  it('survives JSON', () => {
    const part: Part = { package: 'local', name: 'x', options: { a: [1, [2, { b: 'c' }]], cosine, u: undefined } };
    expect(JSON.parse(JSON.stringify(describePart(part)))).toEqual(describePart(part));
  });

  it('is frozen through and through, and the part stays as it was', () => {
    const list = [1, 2];
    const described = describePart({ package: 'local', name: 'x', options: { list, cosine } });
    expect(Object.isFrozen(described)).toBe(true);
    expect(Object.isFrozen(described.options)).toBe(true);
    expect(Object.isFrozen(described.options['list'])).toBe(true);
    list.push(3);
    expect(described.options['list']).toEqual([1, 2]);
  });
});

import { describe, type Part } from '@codistill/core';
import { insist, type Law } from './law.ts';

/** Whether a value is the same after `JSON.parse(JSON.stringify(value))`: NaN, for one, is not. */
const survivesJson = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'object' && value !== null) return Object.values(value).every(survivesJson);
  return value === null || typeof value === 'boolean' || typeof value === 'string';
};

/**
 * The law of every part: it names itself, and what it was called with can be written down.
 *
 * @param part - the one under test
 * @param subject - how sentences begin
 * @example
 * const law = jsonLaw({ package: 'local', name: 'kd', options: { temperature: 4 } }, "term 'kd'");
 */
export const jsonLaw = (part: Part, subject: string): Law => ({
  name: 'describes itself as JSON',
  check: () => {
    insist(part.name !== '' && part.package !== '', () => `${subject} must name itself and its package.`);
    const lost = Object.entries(describe(part).options).find(([, value]) => !survivesJson(value));
    insist(lost === undefined, () => `${subject} has an option '${String(lost?.[0])}' that JSON cannot hold: use numbers, texts, lists and parts.`);
  },
});

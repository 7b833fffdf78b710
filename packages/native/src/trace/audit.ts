import { CodistillError, type Feed, type Named, say } from '@codistill/core';
import type { Logged, Trace } from './trace.ts';

/** Other values of the same kind: the same ones backwards, so that what was a class or a key stays one; numbers are moved where that changes nothing. */
const otherValues = ({ dtype, values }: Feed): Feed['values'] => {
  const reversed = values.slice().reverse();
  if (dtype !== 'float32' || !reversed.every((value, index) => value === values[index])) return reversed;
  return (reversed as Float32Array).map((value) => value + 0.5);
};

/**
 * Inputs of the same shapes and other values, to record a step with a second time.
 *
 * @example
 * const [, second] = otherInputs({ x: { dtype: 'float32', shape: [2], values: new Float32Array([1, 2]) } }, { lr: 0.1 });
 */
export const otherInputs = (inputs: Named<Feed>, scalars: Named<number>): readonly [Named<Feed>, Named<number>] => [
  Object.fromEntries(Object.entries(inputs).map(([name, feed]) => [name, { ...feed, values: otherValues(feed) }])),
  Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, value * 0.75 + 0.125])),
];

const differing = ({ constant: a }: Logged, { constant: b }: Logged): readonly [number, number] | undefined => {
  if (a === undefined || b === undefined) return undefined;
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [first = NaN, second = NaN] = [a[index], b[index]];
    if (!Object.is(first, second)) return [first, second];
  }
  return undefined;
};

/**
 * Compares two recordings of a step with different inputs. What differs comes neither from inputs nor from variables: it would
 * be frozen as it was in the first.
 *
 * @param withLines - records the step once more, with its lines, for the sentence
 * @throws CodistillError `NOT_RECORDABLE`, naming the operation and the line
 * @example
 * declare const first: Trace;
 * declare const second: Trace;
 * audit(first, second, () => first);
 */
export const audit = (first: Trace, second: Trace, withLines: () => Trace): void => {
  const placeAt = (index: number, otherwise: Logged): ReturnType<Logged['place']> => (withLines().log[index] ?? otherwise).place();
  for (let index = 0; index < Math.max(first.log.length, second.log.length); index++) {
    const [a, b] = [first.log[index], second.log[index]];
    if (a === undefined || b === undefined) {
      const only = a ?? b;
      if (only !== undefined) throw new CodistillError('NOT_RECORDABLE', say.compile.frozenStructure(a === undefined ? only.place() : placeAt(index, only), 'absent'));
      return;
    }
    if (a.structure !== b.structure) {
      const [here, there] = [a.place(), b.place()];
      const line = placeAt(index, a);
      // A structure that changes may have changed again.
      throw new CodistillError('NOT_RECORDABLE', say.compile.frozenStructure({ ...here, line: line.line }, here.op === there.op ? 'another computation' : there.op));
    }
    const numbers = differing(a, b);
    if (numbers !== undefined) throw new CodistillError('NOT_RECORDABLE', say.compile.frozenConstant(placeAt(index, a), String(numbers[0]), String(numbers[1])));
  }
};

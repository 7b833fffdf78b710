import { CodistillError, type Feed, type Named, say } from '@codistill/core';

/**
 * What a recording of a step is good for: names, types and shapes of everything fed.
 *
 * @throws CodistillError `FEED` where an input has not as many values as its shape says
 * @example
 * signatureOf({ x: { dtype: 'float32', shape: [2], values: new Float32Array(2) } }, { lr: 0.1 }); // 'x:float32[2];lr'
 */
export const signatureOf = (inputs: Named<Feed>, scalars: Named<number>): string => {
  const ofInputs = Object.entries(inputs).map(([name, { dtype, shape, values }]) => {
    if (values.length !== shape.reduce((product, size) => product * size, 1)) throw new CodistillError('FEED', say.compile.feedSize(name, values.length, shape));
    return `${name}:${dtype}[${shape.join()}]`;
  });
  return [...ofInputs, ...Object.keys(scalars)].sort().join(';');
};

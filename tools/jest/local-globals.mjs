import { createHash } from 'node:crypto';
import swc from '@swc/jest';

// Under jest a file's globals are those of a sandbox that intercepts every lookup, and `Math.sqrt` in a loop takes ten times as long
// as outside. Modules, ours and tfjs's, therefore read these once, at their top. Typed arrays are left out: a test may yet exchange
// them for those of a native addon.
const LOCAL = 'var { Array, Error, JSON, Map, Math, Number, Object, Promise, Set, String, Symbol, WeakMap, isNaN } = globalThis;';
const START = /^(?:\s|\/\*[^]*?\*\/)*(?:(['"])use strict\1;)?/;

/** @param {string} source */
const localized = (source) => {
  const start = START.exec(source)?.[0] ?? '';
  return `${start}${LOCAL}${source.slice(start.length)}`;
};

export default {
  /** @param {{ readonly swc?: object }} settings - for TypeScript; JavaScript is taken as it is */
  createTransformer: ({ swc: settings }) => {
    const compiler = settings ? swc.createTransformer(settings) : undefined;
    return {
      /** @type {NonNullable<NonNullable<typeof compiler>['getCacheKey']>} */
      getCacheKey: (source, path, options) => createHash('sha256').update(LOCAL).update(compiler?.getCacheKey?.(source, path, options) ?? `${path}\0${source}`).digest('hex'),
      /** @type {NonNullable<NonNullable<typeof compiler>['process']>} */
      process: (source, path, options) => compiler?.process?.(localized(source), path, options) ?? { code: localized(source) },
    };
  },
};

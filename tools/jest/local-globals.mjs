// For tfjs under jest, where a file's globals are those of a sandbox whose every lookup is intercepted: read once at a module's top
// they are as fast as outside, and tests that compute take three quarters of the time. Typed arrays are left out: a test may yet
// exchange them for those of a native addon.
const START = /^(?:\s|\/\*[^]*?\*\/)*(?:(['"])use strict\1;)?/;

export default {
  createTransformer: (/** @type {{ readonly names: readonly string[] }} */ { names }) => ({
    /** @param {string} source */
    process: (source) => {
      const start = START.exec(source)?.[0] ?? '';
      return { code: `${start}var { ${names.join(', ')} } = globalThis;${source.slice(start.length)}` };
    },
  }),
};

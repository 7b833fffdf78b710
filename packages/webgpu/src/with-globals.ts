/** What tfjs's backend looks up by name whenever it runs. */
const NEEDED = ['GPUBuffer', 'GPUBufferUsage', 'GPUMapMode', 'GPUTexture', 'GPUTextureUsage'] as const;

const define = (name: string, value: unknown): void => {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false });
};

/**
 * Gives the process the few globals of WebGPU that tfjs's backend needs as long as it runs, where they are not there already.
 *
 * @param globals - by name
 * @example
 * defineGlobals({ GPUMapMode: { READ: 1, WRITE: 2 } });
 */
export const defineGlobals = (globals: object): void => {
  for (const name of NEEDED) if (!(name in globalThis)) define(name, (globals as Readonly<Record<string, unknown>>)[name]);
};

/**
 * Runs something while `navigator.gpu` is there, for which tfjs's backend looks when it is made, and takes it away again: other
 * libraries take a `navigator` for a browser.
 *
 * @param body - synchronous
 * @example
 * declare const gpu: GPU;
 * const found = withNavigator(gpu, () => navigator.gpu === gpu); // true
 */
export const withNavigator = <T>(gpu: GPU, body: () => T): T => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  define('navigator', { gpu });
  try {
    return body();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', before);
  }
};

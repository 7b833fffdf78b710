import { createRequire } from 'node:module';
import { CodistillError, say } from '@codistill/core';
import { type TfjsNode, loadableTfjsNode } from '../install/tfjs-node.ts';
import { reasonOf } from './reason-of.ts';

/** What a user sets beats these. */
const DEFAULTS: Readonly<Record<string, string>> = {
  // TensorFlow leaves them off on processors without AVX-512, at half the speed.
  TF_ENABLE_ONEDNN_OPTS: '1',
  // Else oneDNN plans some convolutions, on processors without AVX-512 all, anew each time: a quarter of a small step.
  TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE: 'false',
  // The operations run one by one and the compiled steps share one GPU: neither may take all of its memory.
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  // Errors, but no advice about instruction sets.
  TF_CPP_MIN_LOG_LEVEL: '2',
};

const require = createRequire(import.meta.url);

/** What tfjs-node calls and Node 23 removed. ES modules see a copy of `util` that cannot be extended; `require` sees the thing. */
const mendUtil = (): void => {
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
};

/**
 * Loads tfjs-node, which registers its backend with tfjs as `'tensorflow'` and makes it the one in use. The CUDA build is taken
 * where both are installed.
 *
 * @returns what was loaded
 * @throws CodistillError `NATIVE_ABSENT`; `NATIVE_BROKEN` where the addon does not load
 * @example
 * const { version } = loadTfjsNode();
 */
export const loadTfjsNode = (): TfjsNode => {
  const found = loadableTfjsNode();
  if (found === undefined) throw new CodistillError('NATIVE_ABSENT', say.native.absent('native'));
  mendUtil();
  for (const [name, value] of Object.entries(DEFAULTS)) process.env[name] ??= value;
  try {
    require(found.folder);
  } catch (error) {
    throw new CodistillError('NATIVE_BROKEN', say.native.broken(reasonOf(error)), { cause: error });
  }
  return found;
};

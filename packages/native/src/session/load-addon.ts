import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CodistillError, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type TfjsNode, findTfjsNode, loadableTfjsNode } from '../install/tfjs-node.ts';
import { reasonOf } from './reason-of.ts';
import type { Fetched, NativeTensor } from './session.ts';

/**
 * A session of the addon's, which JavaScript can only hand back.
 *
 * @example
 * const close = (addon: Addon, session: AddonSession): void => { addon.close(session); };
 */
export type AddonSession = object & { readonly kind?: 'session' };

/**
 * A plan of the addon's.
 *
 * @example
 * const run = (addon: Addon, plan: AddonPlan): Fetched => addon.run(plan, []);
 */
export type AddonPlan = object & { readonly kind?: 'plan' };

/**
 * What `graph_session.cc` exports.
 *
 * @example
 * const version = (addon: Addon): string => addon.version();
 */
export interface Addon {
  version(): string;
  newSession(config?: Uint8Array): AddonSession;
  importGraph(session: AddonSession, graphDef: Uint8Array, prefix: string): void;
  devices(session: AddonSession): readonly string[];
  plan(session: AddonSession, feeds: readonly string[], fetches: readonly string[], targets: readonly string[]): AddonPlan;
  run(plan: AddonPlan, feeds: readonly NativeTensor[]): Fetched;
  runAsync(plan: AddonPlan, feeds: readonly NativeTensor[], runOptions?: Uint8Array): Promise<Fetched>;
  close(session: AddonSession): void;
  infer(graphDef: Uint8Array, node: string): readonly { readonly dtype: number; readonly shape: readonly number[] | null }[];
}

/** The package whose library is in the process already, else the one that would be loaded: two of them do not go together. */
const inUse = (): TfjsNode | undefined => {
  const backend = tf.findBackend('tensorflow') as { readonly isGPUPackage?: boolean } | null;
  if (backend?.isGPUPackage === undefined) return loadableTfjsNode();
  return findTfjsNode(backend.isGPUPackage ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node');
};

/**
 * Loads the addon that runs TensorFlow graphs, from beside tfjs-node's own: both link the same library.
 *
 * @throws CodistillError `NATIVE_ABSENT`, `NATIVE_BROKEN`
 * @example
 * loadAddon().version(); // '2.21.0'
 */
export const loadAddon = (): Addon => {
  const found = inUse();
  if (found === undefined || !existsSync(found.session)) throw new CodistillError('NATIVE_ABSENT', say.native.absent('the addon for compiled steps'));
  try {
    return createRequire(import.meta.url)(found.session) as Addon;
  } catch (error) {
    throw new CodistillError('NATIVE_BROKEN', say.native.broken(reasonOf(error)), { cause: error });
  }
};

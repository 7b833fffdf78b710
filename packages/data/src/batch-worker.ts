import { workerData } from 'node:worker_threads';
import type { Batch, PartSpec, View } from '@codistill/core/host';
import { type BatchOrder, type Material, makeBatches } from './make-batches.ts';
import { rebuildView } from './rebuild-view.ts';

/**
 * What a worker thread is asked for.
 *
 * @example
 * const request: BatchRequest = { order: { ids: Int32Array.of(0), key: [0, 7], position: 0 }, views: [null] };
 */
export interface BatchRequest {
  readonly order: BatchOrder;
  /** Descriptions of views; `null` for the examples as they are. */
  readonly views: readonly (PartSpec | null)[];
}

interface Given {
  readonly material: Material;
  readonly augmentations: readonly PartSpec[];
}

const rebuilt = new Map<string, Promise<View | undefined>>();

const viewOf = async (part: PartSpec): Promise<View> => {
  const id = JSON.stringify(part);
  const view = await (rebuilt.get(id) ?? rebuilt.set(id, rebuildView(part)).get(id));
  if (view === undefined) throw new Error(`'${part.name}' of '${part.package}' cannot be rebuilt`);
  return view;
};

/**
 * The task of a worker thread: the same `makeBatches` as in the main thread, on the same memory.
 */
const work = async ({ order, views }: BatchRequest): Promise<readonly Batch[]> => {
  // Worker pools hand over their own data first and ours second.
  const { material, augmentations } = (Array.isArray(workerData) ? workerData[1] : workerData) as Given;
  const shared = await Promise.all(augmentations.map(viewOf));
  const seen = await Promise.all(views.map(async (view) => (view === null ? undefined : viewOf(view))));
  return makeBatches(material, order, shared, seen);
};

export default work;

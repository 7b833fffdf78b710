import { CodistillError, say } from '@codistill/core';

/** What is guarded of tfjs's WebGPU backend. */
interface Backend {
  readonly device: GPUDevice;
  readonly tensorMap: { get(dataId: object): { readonly values?: unknown; readonly resource?: unknown } };
  read(dataId: object): Promise<unknown>;
  readSync(dataId: object): unknown;
}

/**
 * Makes the backend say what went wrong. A device refuses what it has no room for, or is lost, without the operation hearing of it:
 * results are then zeros. Whoever reads next gets an error instead. And reading at once, which needs a canvas, is a sentence.
 *
 * @param backend - stays the same object
 * @throws CodistillError, when tensors are read: `WEBGPU_FAILED`; `WEBGPU_SYNC_READ` of `dataSync` and its likes, where the values
 *   are on the device only
 * @example
 * declare const backend: Parameters<typeof guard>[0];
 * guard(backend);
 */
export const guard = (backend: Backend): void => {
  const { device, tensorMap } = backend;
  let failure: string | undefined;
  const failed = (reason: string): void => {
    failure ??= reason.trim().split('\n', 1)[0]?.replace(/\.$/, '') ?? '';
  };
  device.addEventListener('uncapturederror', (event) => {
    // It would be printed, once per operation that follows.
    event.preventDefault();
    failed(event.error.message);
  });
  void device.lost.then(({ message }) => failed(message));
  const [read, readSync] = [backend.read.bind(backend), backend.readSync.bind(backend)];
  backend.read = async (dataId) => {
    const values = await read(dataId);
    if (failure !== undefined) throw new CodistillError('WEBGPU_FAILED', say.backend.webgpuFailed(failure));
    return values;
  };
  backend.readSync = (dataId) => {
    const { values, resource } = tensorMap.get(dataId);
    if ((values ?? null) === null && (resource ?? null) !== null) throw new CodistillError('WEBGPU_SYNC_READ', say.backend.webgpuSyncRead());
    return readSync(dataId);
  };
};

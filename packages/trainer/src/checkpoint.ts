import { createHash } from 'node:crypto';
import { type HostArray, type Json, type Named, sizeOf } from '@codistill/core';

/**
 * What a checkpoint holds: every variable of a run, and where the run stands.
 *
 * @example
 * const steps = (checkpoint: Checkpoint): number => checkpoint.position.step;
 */
export interface Checkpoint {
  readonly position: Position;
  /** By the names of `LiveGraph.variables`. */
  readonly arrays: Named<HostArray>;
}

/**
 * Where a run stands, and what must agree for another run to go on from there.
 *
 * @example
 * const position: Position = { step: 10, seed: 7, epochs: 2, backend: 'wasm', specHash: '…', listeners: {} };
 */
export interface Position {
  readonly step: number;
  readonly seed: number;
  readonly epochs: number;
  readonly backend: string;
  readonly specHash: string;
  /** Why a listener stopped the run, if one did: there is nothing to go on with then. */
  readonly stopped?: string;
  /** Saved state of listeners, by name. */
  readonly listeners: { readonly [listener: string]: Json };
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const sha256 = (...pieces: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};

const headerOf = (entries: Named<Entry>, position: string, checksum: string): string =>
  JSON.stringify({ __metadata__: { format: 'codistill/checkpoint/1', position, sha256: checksum }, ...entries });

/**
 * A checkpoint as bytes in the safetensors format (8 bytes of header length, JSON header, float32 data), so that Python reads it
 * too. `__metadata__.sha256` covers names, shapes, position and data.
 *
 * @example
 * const bytes = encodeCheckpoint({ position: { step: 0, seed: 0, epochs: 1, backend: 'cpu', specHash: '', listeners: {} }, arrays: {} });
 */
export const encodeCheckpoint = ({ position, arrays }: Checkpoint): Uint8Array => {
  let offset = 0;
  const entries: Record<string, Entry> = {};
  for (const [name, { shape, values }] of Object.entries(arrays)) {
    entries[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const data = new Uint8Array(offset);
  for (const [name, { values }] of Object.entries(arrays)) {
    data.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), entries[name]?.data_offsets[0]);
  }
  const written = JSON.stringify(position);
  const text = headerOf(entries, written, sha256(headerOf(entries, written, ''), data));
  // The format wants the data aligned to 8 bytes: the header is padded with spaces.
  const header = new TextEncoder().encode(text + ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8));
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(data, 8 + header.length);
  return bytes;
};

/**
 * Reads a checkpoint back.
 *
 * @returns the checkpoint, or a few words that say why the bytes are not one
 * @example
 * const result = decodeCheckpoint(new Uint8Array(4)); // 'it ends after 4 bytes'
 */
export const decodeCheckpoint = (bytes: Uint8Array): Checkpoint | string => {
  if (bytes.length < 8) return `it ends after ${bytes.length} bytes`;
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (8 + length > bytes.length) return `it ends after ${bytes.length} bytes`;
  let header: { readonly __metadata__?: { readonly position?: string; readonly sha256?: string } } & Named<Entry>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as typeof header;
  } catch {
    return 'its header is not JSON';
  }
  const { __metadata__: metadata, ...entries } = header;
  if (metadata?.position === undefined) return 'its header is not that of a checkpoint';
  const data = bytes.subarray(8 + length);
  if (metadata.sha256 !== sha256(headerOf(entries, metadata.position, ''), data)) return 'its checksum does not match';
  const arrays = Object.entries(entries).map(([name, { shape, data_offsets: [from, to] }]): [string, HostArray] => {
    const values = new Float32Array(sizeOf(shape));
    new Uint8Array(values.buffer).set(data.subarray(from, to));
    return [name, { shape, values }];
  });
  return { position: JSON.parse(metadata.position) as Position, arrays: Object.fromEntries(arrays) };
};

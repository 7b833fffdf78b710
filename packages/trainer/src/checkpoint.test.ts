import { mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { openStore } from './checkpoint-store.ts';

const at = (step: number): Checkpoint => ({
  position: { step, seed: 7, epochs: 2, backend: 'cpu', specHash: 'abc', listeners: { early: { best: 0.5, waited: 1 } } },
  arrays: {
    'node/a/parameter/dense/kernel': { shape: [2, 2], values: Float32Array.of(1, -0, 3.5, step) },
    'node/a/slot/count': { shape: [], values: Float32Array.of(step) },
  },
});

describe('the bytes of a checkpoint', () => {
  it('hold everything, signs of zeros included', () => {
    const read = decodeCheckpoint(encodeCheckpoint(at(12)));
    expect(read).toEqual(at(12));
    expect(Object.is((read as Checkpoint).arrays['node/a/parameter/dense/kernel']?.values[1], -0)).toBe(true);
  });

  it('are safetensors: header length, JSON header, aligned data', () => {
    const bytes = encodeCheckpoint(at(1));
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect((8 + length) % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, unknown>;
    expect(header['node/a/slot/count']).toEqual({ dtype: 'F32', shape: [], data_offsets: [16, 20] });
    expect(bytes.length).toBe(8 + length + 20);
  });

  it('are refused wherever one of them is altered or missing', () => {
    const bytes = encodeCheckpoint(at(3));
    for (let index = 0; index < bytes.length; index++) {
      const altered = Uint8Array.from(bytes);
      altered[index] = (altered[index] ?? 0) ^ 1;
      const read = decodeCheckpoint(altered);
      // Only the padding behind the header may differ: it carries nothing.
      if (typeof read !== 'string') expect(read).toEqual(at(3));
    }
    for (let length = 0; length < bytes.length; length++) expect(typeof decodeCheckpoint(bytes.subarray(0, length))).toBe('string');
  });
});

describe('a folder of checkpoints', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'codistill-store-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('keeps the newest, and reads the newest', () => {
    const store = openStore(directory, 2);
    for (const step of [1, 2, 10]) store.write(at(step));
    expect(readdirSync(directory)).toEqual(['step-000000002.safetensors', 'step-000000010.safetensors']);
    expect(store.newest(() => undefined)?.checkpoint).toEqual(at(10));
  });

  it('falls back to the one before a damaged one, and says so', () => {
    const store = openStore(directory, 3);
    const [first, second, third] = [1, 2, 3].map((step) => store.write(at(step)));
    truncateSync(third ?? '', 100);
    const bytes = readFileSync(second ?? '');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0x40;
    writeFileSync(second ?? '', bytes);
    const heard: string[] = [];
    expect(store.newest((sentence) => heard.push(sentence))?.path).toBe(first);
    expect(heard).toEqual([
      `the checkpoint ${third ?? ''} is damaged (it ends after 100 bytes): it is left alone and the one before it is used`,
      `the checkpoint ${second ?? ''} is damaged (its checksum does not match): it is left alone and the one before it is used`,
    ]);
  });

  it('says so when none can be read', () => {
    const store = openStore(directory, 1);
    truncateSync(store.write(at(1)), 0);
    expect(() => store.newest(() => undefined)).toThrow(`none of the 1 checkpoints in ${directory} can be read: delete them to begin again`);
  });

  it('sweeps what an interrupted write left', () => {
    writeFileSync(join(directory, 'step-000000009.safetensors.unfinished'), 'half');
    expect(openStore(directory, 1).paths()).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('refuses a place that cannot be written, before anything is trained', () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(() => openStore(join(file, 'below'), 1)).toThrow(/^checkpoints cannot be written to .*below \(ENOTDIR.*\): choose a directory you may write to$/);
  });
});

import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { launch } from '../scripts/launch.mjs';
import { root } from '../scripts/workspace.mjs';

/** Printed by Python: the best of ten products of two float32 matrices of 2048 × 2048. */
const MATMUL = `
import sys, time, torch
torch.set_num_threads(int(sys.argv[1]))
a = torch.randn(2048, 2048)
best = min((lambda s: (a @ a, time.perf_counter() - s)[1])(time.perf_counter()) for _ in range(10))
print(2 * 2048**3 / best / 1e9)
`;

/** What peers and we stand on: the versions asked for are exact. */
const versions = () => {
  const text = ['requirements.txt', 'requirements-alone.txt'].map((name) => readFileSync(join(import.meta.dirname, 'peers', name), 'utf8')).join('\n');
  const versionOf = (/** @type {string} */ name) => new RegExp(`^${name}==(.*)$`, 'm').exec(text)?.[1] ?? 'unknown';
  /** @type {{ version: string }} */
  const tfjs = JSON.parse(readFileSync(join(root, 'node_modules', '@tensorflow', 'tfjs', 'package.json'), 'utf8'));
  return { tfjs: tfjs.version, PyTorch: versionOf('torch'), torchvision: versionOf('torchvision'), TensorFlow: versionOf('tensorflow-cpu'), 'KD-Lib': versionOf('KD-Lib') };
};

/**
 * What the figures were taken on, and how.
 *
 * @param {string} python - with PyTorch
 * @param {readonly number[]} threadCounts
 * @param {string} how - rounds and their length
 * @param {string} [gpu]
 */
export async function machine(python, threadCounts, how, gpu) {
  /** @type {Record<string, number>} */
  const matmulGflops = {};
  for (const threads of threadCounts) {
    const { output } = await launch('taskset', ['-c', coresOf(threads).join(), python, '-c', MATMUL, String(threads)], { output: 'capture' });
    matmulGflops[threads] = Math.round(Number(output.trim().split('\n').at(-1)));
  }
  const flags = /^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    simd: ['avx2', 'avx512f', 'avx512_vnni', 'amx_bf16'].filter((flag) => flags.includes(flag)),
    node: process.version,
    versions: versions(),
    matmulGflops,
    ...(gpu === undefined ? {} : { gpu }),
    how,
    loadBefore: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]),
  };
}

/** '1 thread', '2 threads'. */
export const threadsInWords = (/** @type {number} */ threads) => `${threads} ${threads === 1 ? 'thread' : 'threads'}`;

/** The first cores, one per thread. */
export const coresOf = (/** @type {number} */ threads) => Array.from({ length: threads }, (_, core) => core);

/**
 * Name and driver of the graphics card.
 *
 * @throws Error where there is none
 */
export async function card() {
  const { code, output } = await launch('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader'], { output: 'capture' }).catch(() => ({ code: 1, output: '' }));
  if (code !== 0) throw new Error('there is no NVIDIA card here, or its driver is missing: nvidia-smi does not run');
  return output.trim();
}

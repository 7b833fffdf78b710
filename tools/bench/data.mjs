import { join } from 'node:path';
import { contestant } from './contestant.mjs';
import { median } from './median.mjs';

/**
 * Images per second and core, from a folder of JPEG files to augmented float batches, where both sides hold the decoded images in
 * memory: flip, crop behind padding, colour, normalisation.
 *
 * @param {{ folder: string, rounds: number, python: string }} options - `folder` with `train/<class>/*`
 */
export async function timeData({ folder, rounds, python }) {
  const task = JSON.stringify({ folder, size: 64, batch: 64 });
  const entries = [
    ['codistill', [process.execPath, join(import.meta.dirname, 'data-ours.mjs'), task]],
    ['torchvision', [python, join(import.meta.dirname, 'peers/torch_data.py'), task]],
  ];
  const contestants = [];
  for (const [name, command] of entries) {
    const one = await contestant(name, command, { cores: [0] });
    await one.round(5);
    contestants.push({ ...one, taken: /** @type {number[]} */ ([]) });
  }
  if (JSON.stringify(contestants[0].parameters) !== JSON.stringify(contestants[1].parameters)) throw new Error('the contestants read different images');
  for (let round = 0; round < rounds; round++) for (const one of contestants) one.taken.push((await one.round(20)).ms);
  for (const one of contestants) one.close();
  const [ours, peer] = contestants.map(({ taken }) => 64_000 / median(taken));
  return { work: 'data', ours_images_per_s: ours, best_peer: 'torchvision', best_peer_images_per_s: peer, ratio: ours / peer };
}

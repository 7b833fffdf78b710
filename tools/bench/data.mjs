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
  const enter = async (/** @type {string} */ name, /** @type {readonly string[]} */ command) => {
    const one = await contestant(name, command, { cores: [0] });
    await one.round(5);
    return { ...one, taken: /** @type {number[]} */ ([]) };
  };
  const ours = await enter('codistill', [process.execPath, join(import.meta.dirname, 'data-ours.mjs'), task]);
  const peer = await enter('torchvision', [python, join(import.meta.dirname, 'peers/torch_data.py'), task]);
  if (JSON.stringify(ours.parameters) !== JSON.stringify(peer.parameters)) throw new Error('the contestants read different images');
  for (let round = 0; round < rounds; round++) for (const one of [ours, peer]) one.taken.push((await one.round(20)).ms);
  for (const one of [ours, peer]) one.close();
  const [rate, peerRate] = [64_000 / median(ours.taken), 64_000 / median(peer.taken)];
  return { work: 'data', ours_images_per_s: rate, best_peer: 'torchvision', best_peer_images_per_s: peerRate, ratio: rate / peerRate };
}

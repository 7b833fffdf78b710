import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type View, normal } from '@codistill/core';
import { testLoader, testView } from '@codistill/testkit';
import sharp from 'sharp';
import { augment } from './augment.ts';
import { type BatchingOptions, classificationData } from './classification-data.ts';
import { colour } from './colour.ts';
import { crop } from './crop.ts';
import { cutout } from './cutout.ts';
import { flip } from './flip.ts';
import { imageFolder } from './image-folder.ts';
import { type ImageSet, sharedBytes } from './image-set.ts';
import { mixup } from './mixup.ts';
import { rebuildView } from './rebuild-view.ts';
import { rotate } from './rotate.ts';

const views: readonly View[] = [
  flip(),
  flip({ vertical: true }),
  crop({ padding: 2 }),
  crop({ padding: 9, mode: 'reflect' }),
  rotate({ quarterTurns: true }),
  rotate({ degrees: 40 }),
  colour({ brightness: 1, contrast: 1, saturation: 1 }),
  cutout({ size: 3 }),
  mixup({ alpha: 0.4 }),
  augment(flip(), crop({ padding: 1 }), mixup({ alpha: 1 })),
];
for (const view of views) testView(view, { rebuild: rebuildView });
testView(rotate({}), { rebuild: rebuildView, random: false });

/** Noise of three classes of 7, 11 and 19 examples. */
const noise = (): ImageSet => {
  const shape = [5, 4, 3] as const;
  const labels = Int32Array.from({ length: 37 }, (_, id) => (id < 7 ? 0 : id < 18 ? 1 : 2));
  const pixels = sharedBytes(labels.length * 60);
  pixels.set(normal([0, 5], pixels.length).map((z) => Math.min(255, Math.max(0, 128 + 60 * z))));
  return { source: { name: 'noise', options: {} }, shape, pixels, labels, classNames: ['a', 'b', 'c'], names: Array.from(labels, String), skipped: 0 };
};

const cases: readonly BatchingOptions[] = [
  { batch: 8 },
  { batch: 1, validation: 0, test: 0.5 },
  { batch: 8, dropLast: true, normalise: 'unit' },
  { batch: 7, augment: [augment(flip(), crop({ padding: 1 })), colour({ brightness: 0.3 })], workers: 0 },
  { batch: 7, augment: [augment(flip(), crop({ padding: 1 })), colour({ brightness: 0.3 })], workers: 2 },
  { batch: 6, normalise: { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] }, validation: 0.3, test: 0 },
];
const open = cases.map((options) => classificationData(noise(), options));
for (const data of open) testLoader(data);
const balanced = classificationData(noise(), { batch: 8, balanced: true });
testLoader(balanced, { balanced: true });

const root = mkdtempSync(join(tmpdir(), 'codistill-laws-'));
for (const [at, name] of ['train/a', 'train/b', 'val/a', 'val/b', 'test/a', 'test/b'].entries()) {
  mkdirSync(join(root, name), { recursive: true });
  for (let index = 0; index < 6; index++) {
    const bytes = normal([at, index], 6 * 9 * 3).map((z) => Math.min(255, Math.max(0, 128 + 60 * z)));
    await sharp(Uint8Array.from(bytes), { raw: { width: 6, height: 9, channels: 3 } }).toFile(join(root, name, `${index}.${index % 2 === 0 ? 'png' : 'jpg'}`));
  }
}
const folder = await imageFolder(root, { size: 4, batch: 5, cache: join(root, 'cache') });
testLoader(folder);

afterAll(async () => {
  for (const data of [...open, balanced, folder]) await data.close();
  rmSync(root, { recursive: true, force: true });
});

it('runs its worker threads from what was built', () => {
  expect(existsSync(join(import.meta.dirname, '../dist/batch-worker.js'))).toBe(true);
});

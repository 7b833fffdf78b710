import { existsSync, mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { node } from './launch.mjs';
import { root } from './workspace.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'codistill-examples-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs an example as `npm run example -- …` does; its last line is JSON where `--json` is said. */
const example = async (/** @type {readonly string[]} */ ...args) => {
  const { code, output } = await node([join(root, 'tools/scripts/example.mjs'), ...args], { output: 'capture' });
  const lines = output.trimEnd().split('\n');
  return { code, output, json: () => JSON.parse(lines.at(-1) ?? '') };
};

it('quickstart: trains the paper\'s system on real images, and a finished run resumes to the same numbers', async () => {
  const out = join(scratch, 'quickstart');
  // A twentieth of the images.
  const first = await example('quickstart', '--json', '--limit', '3500', '--out', out);
  expect(first).toMatchObject({ code: 0 });
  const { backend, seconds, peakRssMB, stepMs, nodes, ensemble, spec } = first.json();
  expect([typeof backend, typeof seconds, typeof stepMs]).toEqual(['string', 'number', 'number']);
  expect(Object.keys(nodes)).toEqual(['teacher', 'a', 'b']);
  // By chance it would be 0.1.
  expect(nodes.teacher.accuracy).toBeGreaterThan(0.7);
  for (const name of ['a', 'b']) expect(nodes[name].accuracy).toBeGreaterThan(0.6);
  expect(ensemble.accuracy).toBeGreaterThan(0.6);
  expect(Object.keys(ensemble)).toEqual(expect.arrayContaining(['accuracy', 'macroF1', 'nll', 'ece']));
  expect(peakRssMB).toBeLessThan(1_500);
  expect(/** @type {readonly { from: string, to: string }[]} */ (spec.edges).map(({ from, to }) => `${from} ${to}`).sort()).toEqual(
    ['a b', 'b a', 'labels a', 'labels b', 'labels teacher', 'teacher a', 'teacher b'],
  );
  const again = await example('quickstart', '--json', '--limit', '3500', '--out', out, '--resume');
  expect(again.json()).toMatchObject({ nodes, ensemble });
});

it('histology: a folder of the user\'s own images', async () => {
  const images = join(scratch, 'tiles');
  for (const [label, name] of ['lying', 'standing'].entries()) {
    mkdirSync(join(images, name), { recursive: true });
    for (let id = 0; id < 60; id++) {
      const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => ((id * 7 + Math.floor(at / (label === 0 ? 96 : 3)) * 25) % 120) + 60);
      await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } }).jpeg().toFile(join(images, name, `${id}.jpg`));
    }
  }
  const { code, json } = await example('histology', '--data', images, '--size', '32', '--epochs', '1', '--json', '--out', join(scratch, 'histology'));
  expect(code).toBe(0);
  expect(Object.keys(json().report)).toEqual(['teacher', 'a', 'b', 'ensemble']);
  expect(existsSync(join(scratch, 'histology/report.json'))).toBe(true);

  const wrong = await example('histology', '--data', join(scratch, 'nowhere'));
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong.output.trimEnd().split('\n').at(-1)).toContain(join(scratch, 'nowhere'));
});

it('your-own-loss: a term as an outsider would publish it', async () => {
  const { code, output } = await example('your-own-loss');
  expect(code).toBe(0);
  expect(output).toMatch(/^ensemble +accuracy 0\.[6-9]/m);
});

// One contestant: images of a folder, cached, as augmented float batches. Argument: JSON { folder, size, batch }.
import { createInterface } from 'node:readline';
import { augment, colour, crop, flip, imageFolder, key } from 'codistill';

const { folder, size, batch } = JSON.parse(process.argv[2] ?? '');
const data = await imageFolder(folder, {
  size,
  batch,
  workers: 0,
  augment: [augment(flip(), crop({ padding: 4 }), colour({ brightness: 0.2, contrast: 0.2, saturation: 0.2 }))],
});
process.stdout.write(`${JSON.stringify({ parameters: { examples: data.train.examples } })}\n`);
let position = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const steps = Number(line);
  const [from, used] = [performance.now(), process.cpuUsage()];
  for (let step = 0; step < steps; step++) await data.train.at(position++, key(1), [undefined]);
  const { user, system } = process.cpuUsage(used);
  process.stdout.write(`${JSON.stringify({ ms: (performance.now() - from) / steps, cpuMs: (user + system) / 1000 / steps, peakMB: process.resourceUsage().maxRSS / 1024 })}\n`);
}

// The loss of this package at work, beside cross-entropy: two equal students, one supervised by each.
import { blobs } from '@codistill/testkit';
import { adam, crossEntropy, kd, meanProbabilities, mlp, pipeline, printSpec } from 'codistill';
import { focal } from './index.ts';

const student = mlp({ hidden: [8] });
const run = await pipeline(blobs({ classes: 4, examples: 240, batch: 16, noise: 1 }))
  .teacher(mlp({ hidden: [32] }))
  .students({ focused: student, usual: student })
  .supervise(crossEntropy(), { to: ['teacher', 'usual'] })
  .supervise(focal({ gamma: 2 }), { to: ['focused'] })
  .distill(kd({ temperature: 2 }))
  .optimize(adam({ lr: 0.01 }))
  .ensemble(meanProbabilities())
  .build();

console.log(`${run.backend}\n\n${printSpec(run.spec)}\n`);
await run.fit({ epochs: 20, seed: 7, evaluateEvery: 0 });
const { nodes, ensemble } = await run.evaluate();
for (const [name, scores] of Object.entries({ ...nodes, ensemble })) {
  console.log(`${name.padEnd(9)} accuracy ${scores?.numbers['accuracy']?.toFixed(3) ?? '–'}`);
}
run.dispose();

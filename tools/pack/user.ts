// What somebody writes who installed codistill and a plugin from npm: compiled and run by pack.test.mjs in a folder of its own.
import { adam, crossEntropy, kd, meanProbabilities, mlp, pipeline, printSpec } from 'codistill';
import { focal } from 'codistill-loss-focal';
import { blobs } from '@codistill/testkit';

const run = await pipeline(blobs())
  .teacher(mlp({ hidden: [16] }))
  .students({ small: mlp({ hidden: [8] }), other: mlp({ hidden: [8] }) })
  .supervise(crossEntropy(), { to: ['teacher'] })
  .supervise(focal({ gamma: 1 }), { to: ['small', 'other'] })
  .distill(kd({ temperature: 2 }))
  .mutual(kd())
  .optimize(adam({ lr: 0.03 }))
  .ensemble(meanProbabilities())
  .build();

const { steps } = await run.fit({ epochs: 5, seed: 1, evaluateEvery: 0 });
const { nodes, ensemble } = await run.evaluate();

// @ts-expect-error The types of the published packages know the names of the nodes.
console.assert(nodes.nobody === undefined);

console.log(JSON.stringify({ steps, small: nodes.small.numbers['accuracy'], ensemble: ensemble?.numbers['accuracy'], edges: printSpec(run.spec).split('\n') }));
run.dispose();

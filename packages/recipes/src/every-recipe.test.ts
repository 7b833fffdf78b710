import { type Named, toMermaid, type TrainingEvent } from '@codistill/core';
import { nativeCompiler } from '@codistill/native';
import { testOn } from '@codistill/testkit';
import { fit } from '@codistill/trainer';
import { everyRecipe } from '../fixtures/every-recipe.ts';
import { begin, graphOf, lengthOf, train } from '../fixtures/trained.ts';
import { transfers } from '../fixtures/transfers.ts';
import * as recipes from './index.ts';

testOn('cpu');

const native = process.env['CODISTILL_TEST_BACKEND'] === 'native';
if (!native) console.warn('SKIPPED: recipes as compiled steps, which native TensorFlow has (CODISTILL_TEST_BACKEND=native).');

it('every function of the package is a recipe that is tried here, but for those that serve them', () => {
  const functions = Object.entries(recipes).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  expect(functions.filter((name) => !['kdmlPair', 'usualOptimizer'].includes(name)).sort()).toEqual(everyRecipe.map(({ name }) => name).sort());
});

describe.each(everyRecipe)('$name', ({ compose }) => {
  it('is plain data, drawn as a picture', () => {
    const spec = compose(begin()).spec();
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    const picture = toMermaid(spec);
    expect(picture).toMatch(/^flowchart LR\n/);
    for (const { name } of spec.nodes) expect(picture).toContain(`"${name}<br/>`);
  });

  it('is made of parts that other packages export', async () => {
    const { nodes, edges, optimizers, program } = compose(begin()).spec();
    const parts = [...nodes.map(({ part }) => part), ...edges.map(({ term }) => term), ...Object.values(optimizers), ...(program === undefined ? [] : [program])];
    for (const part of parts) {
      const exported = (await import(part.package)) as Record<string, unknown>;
      expect([part.name, typeof exported[part.name]]).toEqual([part.name, 'function']);
    }
  });

  it('can be switched off: then labels alone teach', () => {
    const [on, off] = [true, false].map((transfer) => compose(begin(), transfer).spec());
    expect([on, off].map((spec) => spec !== undefined && transfers(spec))).toEqual([true, false]);
  });

  it('trains, and goes on from a checkpoint to the very same bytes', async () => {
    const build = () => compose(begin()).build();
    const whole = await train(await build());
    const losses = whole.events.flatMap((event) => (event.type === 'step' ? Object.values(event.losses.nodes) : []));
    expect(losses.every(Number.isFinite)).toBe(true);
    // In the middle, and where a stage has just begun.
    const middle = Math.floor(whole.after.size / 2);
    const resumed = await train(await build(), {}, { stopAfter: middle, run: await build() });
    expect(resumed.events.flatMap((event) => (event.type === 'start' ? [event.step] : []))).toEqual([0, middle]);
    expect(resumed.bytes.equals(whole.bytes)).toBe(true);
  });

  (native ? it : it.skip)('compiled, comes to the same weights as operation by operation, to the bit', async () => {
    const graph = await graphOf(compose);
    const trained = async (eager: boolean): Promise<{ weights: Named<Float32Array>; notices: readonly string[] }> => {
      const notices: string[] = [];
      const listener = { name: 'notices', on: (event: TrainingEvent) => { if (event.type === 'notice') notices.push(event.sentence); } };
      const { live, execution } = await fit(graph, { ...lengthOf(graph), seed: 3, evaluateEvery: 0, eager, listeners: [listener] }, [], 'tensorflow', nativeCompiler());
      const weights = Object.fromEntries(Object.entries(live.variables).map(([name, variable]) => [name, variable.dataSync().slice() as Float32Array]));
      await execution.close();
      live.dispose();
      return { weights, notices };
    };
    const compiled = await trained(false);
    expect(compiled.notices).toEqual([]);
    expect(compiled.weights).toEqual((await trained(true)).weights);
  });
});

import {
  type Graph,
  type Model,
  type Named,
  type Run,
  type Signal,
  adam,
  cnn,
  createPipeline,
  crossEntropy,
  defineOptimizer,
  defineSchedule,
  key,
  kd,
  meanProbabilities,
  mlp,
  mutualKl,
  sgd,
} from './index.ts';
import { type LiveGraph, buildGraph, createStep, scalarInputs, toScalars, toTensors, viewFeeds } from '@codistill/trainer';
import { blobs } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The chain with an engine that hands the graph out. */
const graphs: Graph[] = [];
const compose = createPipeline(((graph: Graph) => {
  graphs.push(graph);
  return Promise.resolve({ spec: graph.spec } as Run);
}));
const graphOf = async (chain: { build(): Promise<unknown> }): Promise<Graph> => {
  await chain.build();
  return graphs.at(-1) as Graph;
};

/** Leaves weights alone and remembers gradients, so that they can be compared. */
const recorder = defineOptimizer({
  name: 'recorder',
  scalars: {},
  init: (parameters) => Object.fromEntries(Object.entries(parameters).map(([name, shape]) => [name, { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) }])),
  update: ({ gradients }) => ({ parameters: {}, slots: Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, gradient.clone()])) }),
});

const data = blobs({ classes: 3, input: [6, 6, 1], batch: 6 });
const small = cnn({ channels: [3, 4] });
const networks = { teacher: cnn({ channels: [4, 6] }), a: small, b: small };

const base = compose(data).teacher(networks.teacher).students({ a: networks.a, b: networks.b });
const joint = base.supervise(crossEntropy()).distill(kd({ temperature: 4 })).mutual(mutualKl());

interface Ran {
  readonly live: LiveGraph;
  readonly losses: Named<number>;
}

/** One step of a graph, on the first batch, from seed 5. */
const stepOnce = async (graph: Graph, steps = 1): Promise<Ran> => {
  const live = buildGraph(graph, key(5));
  const [feeds, inputs] = [viewFeeds(graph), scalarInputs(graph)];
  const step = createStep(live, feeds, inputs, undefined);
  let losses: Named<number> = {};
  for (let at = 0; at < steps; at++) {
    const keys = Object.fromEntries(Object.keys(live.nodes).map((name) => [`key/${name}`, tf.tensor1d([3, at], 'int32')]));
    const feed = { ...toTensors(await data.train.at(at, key(1), feeds.views)), ...keys };
    const scalars = toScalars(inputs.at({ step: at, steps, epoch: at / data.train.batches, epochs: 1 }));
    const means = step(feed, scalars);
    losses = Object.fromEntries(Object.entries(means).map(([id, mean]) => [id, mean.dataSync()[0] ?? NaN]));
    tf.dispose([means, feed, scalars]);
  }
  return { live, losses };
};

const slotsOf = (live: LiveGraph, node: string): Named<readonly number[]> =>
  Object.fromEntries(Object.entries(live.learners[node]?.slots ?? {}).map(([name, slot]) => [name, [...slot.dataSync()]]));
const weightsOf = (live: LiveGraph): Named<readonly number[]> => Object.fromEntries(Object.entries(live.variables).map(([name, variable]) => [name, [...variable.dataSync()]]));

describe('one joint backward', () => {
  /** The gradient of one node alone: the others' outputs are plain constants, its own edges are the whole loss. */
  const alone = async (graph: Graph, node: string): Promise<Named<readonly number[]>> => {
    const live = buildGraph(graph, key(5));
    const [batch] = await data.train.at(0, key(1), [undefined]);
    const x = tf.tensor(batch?.input.values ?? [], [...(batch?.input.shape ?? [])]);
    const y = tf.tensor(batch?.labels['class']?.values ?? [], [...(batch?.labels['class']?.shape ?? [])]);
    const logits = (name: string): tf.Tensor =>
      live.nodes[name]?.network.read(x, ['logits'], { training: true, key: tf.tensor1d([3, 0], 'int32') }).logits ?? tf.zeros([0]);
    const constants = Object.fromEntries(Object.keys(live.nodes).map((name) => [name, logits(name)]));
    const soft = (z: tf.Tensor, T: number): tf.Tensor => tf.logSoftmax(T === 1 ? z : tf.div(z, tf.scalar(T)));
    const kl = (logP: tf.Tensor, logQ: tf.Tensor): tf.Tensor => logP.exp().mul(logP.sub(logQ)).sum(-1);
    const peers = ['a', 'b'].filter((name) => name !== node);
    const { grads } = tf.variableGrads(
      () => {
        const z = logits(node);
        const [logQ, logQ4] = [soft(z, 1), soft(z, 4)];
        const ce = tf.mean(y.mul(logQ).sum(-1).neg());
        if (node === 'teacher') return ce as tf.Scalar;
        const fromTeacher = tf.mean(kl(soft(constants['teacher'] ?? z, 4), logQ4).mul(tf.scalar(4).square()));
        const fromPeers = peers.map((peer) => tf.mean(kl(soft(constants[peer] ?? z, 1), logQ)));
        return tf.addN([ce, fromTeacher, ...fromPeers]) as tf.Scalar;
      },
      Object.values(live.learners[node]?.trained ?? {}),
    );
    return Object.fromEntries(Object.entries(live.learners[node]?.trained ?? {}).map(([name, variable]) => [name, [...(grads[variable.name]?.dataSync() ?? [])]]));
  };

  it.each(['teacher', 'a', 'b'])('gives %s the gradient of a backward of its own, bit for bit', async (node) => {
    const graph = await graphOf(joint.optimize(recorder));
    const { live } = await stepOnce(graph);
    const own = slotsOf(live, node);
    expect(Object.values(own).flat().some((value) => value !== 0)).toBe(true);
    expect(own).toEqual(await alone(graph, node));
  });

  it('does not, once a single source is not detached', async () => {
    const leaking = base
      .supervise(crossEntropy())
      .distill(kd({ temperature: 4 }))
      .edge(mutualKl(), { from: 'a', to: 'b' })
      .edge(mutualKl(), { from: 'b', to: 'a', gradient: 'both' });
    const graph = await graphOf(leaking.optimize(recorder));
    const { live } = await stepOnce(graph);
    expect(slotsOf(live, 'a')).toEqual(await alone(graph, 'a'));
    expect(slotsOf(live, 'b')).not.toEqual(await alone(graph, 'b'));
  });
});

describe('the teacher', () => {
  it('learns from labels only: students send it exactly nothing', async () => {
    const [with_, without] = [await stepOnce(await graphOf(joint.optimize(recorder))), await stepOnce(await graphOf(base.supervise(crossEntropy()).optimize(recorder)))];
    expect(slotsOf(with_.live, 'teacher')).toEqual(slotsOf(without.live, 'teacher'));
    // And where its labels weigh nothing, its gradient is zero everywhere.
    const nothing = defineSchedule({ name: 'nothing' }, () => 0);
    const unlabelled = base.supervise(crossEntropy(), { to: ['teacher'], weight: nothing }).supervise(crossEntropy(), { to: ['a', 'b'] }).distill(kd({ temperature: 4 }));
    const { live } = await stepOnce(await graphOf(unlabelled.optimize(recorder)));
    expect(Object.values(slotsOf(live, 'teacher')).flat().every((value) => value === 0)).toBe(true);
  });

  it("hears its students with gradient: 'both'", async () => {
    const both = base.supervise(crossEntropy(), { to: ['a', 'b'] }).distill(kd({ temperature: 4 }), { gradient: 'both' });
    const { live } = await stepOnce(await graphOf(both.optimize(recorder)));
    expect(Object.values(slotsOf(live, 'teacher')).flat().some((value) => value !== 0)).toBe(true);
  });
});

describe('distillation switched off', () => {
  const optimizer = sgd({ lr: 0.1, momentum: 0.9 });
  const plain = base.supervise(crossEntropy()).optimize(optimizer);

  it('by a weight of 0 is no edge at all', async () => {
    const off = base.supervise(crossEntropy()).distill(kd({ temperature: 4 }), { weight: 0 }).mutual(kd(), { weight: 0 }).optimize(optimizer);
    expect((await graphOf(off)).spec.edges).toEqual((await graphOf(plain)).spec.edges);
  });

  it('by a schedule that is 0 trains the same weights, bit for bit', async () => {
    const never = defineSchedule({ name: 'never' }, () => 0);
    const off = base.supervise(crossEntropy()).distill(kd({ temperature: 4 }), { weight: never }).mutual(kd(), { weight: never }).optimize(optimizer);
    const [trained, reference] = [await stepOnce(await graphOf(off), 5), await stepOnce(await graphOf(plain), 5)];
    expect(weightsOf(trained.live)).toEqual(weightsOf(reference.live));
  });

  it('with one student and no teacher equals a loop written by hand, bit for bit', async () => {
    const graph = await graphOf(compose(data).students({ only: small }).supervise(crossEntropy()).optimize(optimizer));
    const { live } = await stepOnce(graph, 5);

    const hand = buildGraph(graph, key(5));
    const [only, trained] = [hand.nodes['only'], hand.learners['only']?.trained ?? {}];
    if (only === undefined) throw new Error('the graph has no node');
    const velocity = new Map<string, tf.Tensor>();
    for (let at = 0; at < 5; at++) {
      const [batch] = await data.train.at(at, key(1), [undefined]);
      const x = tf.tensor(batch?.input.values ?? [], [...(batch?.input.shape ?? [])]);
      const y = tf.tensor(batch?.labels['class']?.values ?? [], [...(batch?.labels['class']?.shape ?? [])]);
      const mode = { training: true, key: tf.tensor1d([3, at], 'int32') } as const;
      const { grads } = tf.variableGrads(() => tf.mean(y.mul(tf.logSoftmax(only.network.read(x, ['logits'], mode).logits)).sum(-1).neg()), Object.values(trained));
      for (const [name, variable] of Object.entries(trained)) {
        const gradient = grads[variable.name];
        if (gradient === undefined) continue;
        const old = velocity.get(name);
        const v = old === undefined ? tf.zeros(variable.shape).mul(0.9).add(gradient) : old.mul(0.9).add(gradient);
        velocity.set(name, v);
        variable.assign(variable.sub(v.mul(0.1)));
      }
    }
    for (const [name, variable] of Object.entries(trained)) {
      expect([...(live.learners['only']?.trained[name]?.dataSync() ?? [])]).toEqual([...variable.dataSync()]);
    }
  });
});

describe('one step', () => {
  /** A model whose reads are counted. */
  const counted = <E extends Signal>(model: Model<E>, reads: { count: number }): Model<E> => ({
    ...model,
    build: (site, seed) => {
      const network = model.build(site, seed);
      return { ...network, read: (input, signals, mode) => ((reads.count += 1), network.read(input, signals, mode)) };
    },
  });

  it.each([1, 2, 4])('reads a teacher and %i students once each, and shares log-softmax per node and temperature', async (students) => {
    const reads = { count: 0 };
    const model = counted(mlp({ hidden: [5] }), reads);
    const names = Array.from({ length: students }, (_, index) => `s${index}`);
    const chain = compose(data)
      .teacher(model)
      .students(Object.fromEntries(names.map((name) => [name, model])) as Record<'s0', typeof model>)
      .supervise(crossEntropy())
      .distill(kd({ temperature: 4 }))
      .mutual(kd())
      .optimize(recorder);
    const graph = await graphOf(chain);
    const live = buildGraph(graph, key(5));
    const [feeds, inputs] = [viewFeeds(graph), scalarInputs(graph)];
    const step = createStep(live, feeds, inputs, undefined);
    const keys = Object.fromEntries(Object.keys(live.nodes).map((name) => [`key/${name}`, tf.tensor1d([3, 0], 'int32')]));
    const feed = { ...toTensors(await data.train.at(0, key(1), feeds.views)), ...keys };
    // Building may look at shapes; only the step is counted.
    reads.count = 0;
    const profile = await tf.profile(() => step(feed, toScalars(inputs.at({ step: 0, steps: 1, epoch: 0, epochs: 1 }))));
    expect(reads.count).toBe(students + 1);
    // One logarithm per log-softmax: at 1 for every node's labels (peers share it), at 4 for the teacher and each student.
    expect(profile.kernels.filter(({ name }) => name === 'Log')).toHaveLength((students + 1) * 2);
  });

  it('reads no value, draws nothing on the host and looks at no clock', async () => {
    const graph = await graphOf(joint.optimize(adam({ lr: 0.01 })).ensemble(meanProbabilities()));
    const live = buildGraph(graph, key(5));
    const [feeds, inputs] = [viewFeeds(graph), scalarInputs(graph)];
    const step = createStep(live, feeds, inputs, undefined);
    const keys = Object.fromEntries(Object.keys(live.nodes).map((name) => [`key/${name}`, tf.tensor1d([3, 0], 'int32')]));
    const feed = { ...toTensors(await data.train.at(0, key(1), feeds.views)), ...keys };
    const scalars = toScalars(inputs.at({ step: 0, steps: 1, epoch: 0, epochs: 1 }));
    const refuse = (what: string) => () => {
      throw new Error(`the step used ${what}`);
    };
    const engine = tf.engine() as unknown as Record<string, unknown>;
    const [readSync, read, random, now] = [engine['readSync'], engine['read'], Math.random, Date.now];
    const variables = tf.memory().numTensors;
    let means: Named<tf.Scalar>;
    try {
      engine['readSync'] = refuse('readSync');
      engine['read'] = refuse('read');
      Math.random = refuse('Math.random');
      Date.now = refuse('Date.now');
      means = step(feed, scalars);
    } finally {
      Object.assign(engine, { readSync, read });
      Math.random = random;
      Date.now = now;
    }
    expect(Object.keys(means)).toHaveLength(7);
    // What a step leaves behind is what it returns.
    expect(tf.memory().numTensors).toBe(variables + 7);
  });
});

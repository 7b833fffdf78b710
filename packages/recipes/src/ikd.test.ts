import { type Batch, defineView, type HostArray, type Named, type Run } from '@codistill/core';
import { cnn, mlp, pretrained } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { expectTypeOf } from 'expect-type';
import { begin, of, train, type Weights } from '../fixtures/trained.ts';
import { ikd } from './index.ts';

testOn('cpu');
// On a busy machine.
import.meta.jest.setTimeout(60_000);

const net = cnn({ channels: [3, 4] });
const options = { teacher: net, student: net, temperature: 2, optimizer: sgd({ lr: 0.1 }) };

describe('on a small net', () => {
  const small = mlp({ hidden: [5] });
  const names = ['hidden1/kernel', 'hidden1/bias', 'logits/kernel', 'logits/bias'] as const;
  const [τ, η] = [2, 0.4];

  const drawn = (seed: number): Named<HostArray> => {
    const network = small.build({ input: [4, 4, 1], classes: 3 }, [0, seed]);
    const weights = Object.fromEntries(Object.entries(network.parameters).map(([name, variable]) => [name, { shape: variable.shape, values: variable.dataSync() as Float32Array }]));
    network.dispose();
    return weights;
  };
  const tensorsOf = (weights: Named<HostArray>): tf.Tensor[] => names.map((name) => tf.tensor(weights[name]?.values ?? [], [...(weights[name]?.shape ?? [])]));

  const logProbabilities = (x: tf.Tensor, [W1, b1, W2, b2]: readonly tf.Tensor[], temperature = 1): tf.Tensor =>
    tf.logSoftmax(x.matMul(W1 as tf.Tensor).add(b1 as tf.Tensor).relu().matMul(W2 as tf.Tensor).add(b2 as tf.Tensor).div(temperature));
  const meanOf = (rows: tf.Tensor): tf.Scalar => rows.sum(-1).mean();
  const crossEntropyOf = (x: tf.Tensor, y: tf.Tensor, weights: readonly tf.Tensor[]): tf.Scalar => meanOf(y.mul(logProbabilities(x, weights))).neg();

  it.each([0, 0.7])('the teacher moves by the exact gradient of the exam through the student’s step, and by labels at %d', async (teacherLabels) => {
    const [ofTeacher, ofStudent] = [drawn(1), drawn(2)];
    let batch: Batch | undefined;
    const watched = defineView({ name: 'watched' }, (seen) => (batch ??= seen));
    const composed = ikd(begin(), {
      teacher: pretrained(small, ofTeacher),
      student: pretrained(small, ofStudent),
      temperature: τ,
      teacherLabels,
      optimizer: sgd({ lr: η }),
    });
    const run = await composed.views({ teacher: watched, student: watched }).build();
    batch = undefined;
    const { after } = await train(run, { epochs: 1 });
    const { input, labels } = batch as unknown as Batch;
    tf.tidy(() => {
      const [x, y] = [tf.tensor2d(input.values, [4, 16]), tf.tensor2d(labels['class']?.values ?? [], [4, 3])];
      const [x1, x2] = tf.split(x, 2) as [tf.Tensor, tf.Tensor];
      const [y1, y2] = tf.split(y, 2) as [tf.Tensor, tf.Tensor];
      const S = tensorsOf(ofStudent);
      const course = (teacher: readonly tf.Tensor[], student: readonly tf.Tensor[]): tf.Scalar => {
        const [q, p] = [logProbabilities(x1, teacher, τ), logProbabilities(x1, student, τ)];
        return crossEntropyOf(x1, y1, student).add(meanOf(q.exp().mul(q.sub(p))).mul(τ * τ));
      };
      const exam = (...teacher: tf.Tensor[]): tf.Scalar => {
        const moved = tf.grads((...student) => course(teacher, student))(S);
        return crossEntropyOf(x2, y2, S.map((weights, at) => weights.sub((moved[at] as tf.Tensor).mul(η))));
      };
      const heard = tf.grads(exam)(tensorsOf(ofTeacher));
      const own = tf.grads((...teacher) => crossEntropyOf(x1, y1, teacher))(tensorsOf(ofTeacher));
      const found = of(after.get(1), 'teacher');
      names.forEach((name, at) => {
        const expected = (heard[at] as tf.Tensor).add((own[at] as tf.Tensor).mul(teacherLabels)).dataSync();
        const size = Math.hypot(...(heard[at] as tf.Tensor).dataSync());
        expect(size).toBeGreaterThan(1e-3);
        const gap = Math.hypot(...expected.map((gradient, i) => ((ofTeacher[name]?.values[i] ?? NaN) - (found[name]?.[i] ?? NaN)) / η - gradient));
        expect(gap / size).toBeLessThan(0.02);
      });
    });
  });
});

it('the exam is all that a teacher without labels has: it moves by it, and nobody else hears the exam', async () => {
  const one = async (knobs: object): Promise<Weights | undefined> => (await train(await ikd(begin(), { ...options, ...knobs }).build(), { epochs: 1 })).after.get(1);
  const [examined, labelled, alone] = [await one({ teacherLabels: 0 }), await one({}), await one({ teacherLabels: 0, weight: 0 })];
  expect(of(examined, 'teacher')).not.toEqual(of(alone, 'teacher'));
  // What a student makes of its course does not depend on what the teacher makes of the exam.
  expect(of(examined, 'student')).toEqual(of(labelled, 'student'));
  expect(of(examined, 'student')).not.toEqual(of(alone, 'student'));
});

it('a course may be the soft targets alone', async () => {
  const [soft, both] = [ikd(begin(), { ...options, labels: 0 }), ikd(begin(), options)];
  expect(soft.spec().edges.map(({ from, to, phase }) => [from, to, phase])).toEqual([['labels', 'teacher', undefined], ['labels', 'student', 'exam'], ['teacher', 'student', undefined]]);
  expect(of((await train(await soft.build())).weights, 'student')).not.toEqual(of((await train(await both.build())).weights, 'student'));
});

it('knows its nodes by name', () => {
  expectTypeOf(ikd(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'teacher' | 'student'>>();
});

import { describe as describePart, type EdgeSpec, type Gradients, type GradientsOf, type Program, type StepPrimitives } from '@codistill/core';
import { testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { courseExam } from './course-exam.ts';

testOn('cpu');

const RATE = 0.25;

/**
 * Two numbers that learn: `½ (s − t)²` between them, `½ (s − y)²` and `½ (t − y)²` from labels, where y is 1 in the first half of the
 * batch, 3 in the second and 2 in the whole. Everything is quadratic, so that finite differences are exact.
 */
const learnOnce = (program: Program, frozen: readonly string[] = []): Readonly<Record<'teacher' | 's', number>> =>
  tf.tidy(() => {
    const weights = { teacher: tf.variable(tf.scalar(5)), s: tf.variable(tf.scalar(-2)) };
    const label = ([k, n]: readonly [number, number]): number => (n === 1 ? 2 : 1 + 2 * k);
    const half = (x: tf.Tensor): tf.Scalar => x.square().mul<tf.Scalar>(0.5);
    const edges: readonly { readonly spec: Pick<EdgeSpec, 'from' | 'to'>; loss(part: readonly [number, number]): tf.Scalar }[] = [
      { spec: { from: 'labels', to: 'teacher' }, loss: (part) => half(weights.teacher.sub(label(part))) },
      { spec: { from: 'labels', to: 's' }, loss: (part) => half(weights.s.sub(label(part))) },
      { spec: { from: 'teacher', to: 's' }, loss: () => half(weights.s.sub(weights.teacher)) },
    ];
    const learners = (['teacher', 's'] as const).filter((name) => !frozen.includes(name));
    const gradients = ({ edges: which = () => true, parameters = () => true, part = [0, 1], flow = 'to' }: GradientsOf = {}): Gradients =>
      Object.fromEntries(
        learners.filter((name) => parameters(name, 'w')).map((name) => {
          // A loss moves the end it flows to.
          const moving = edges.filter(({ spec }) => which(spec as EdgeSpec) && spec[flow === 'from' ? 'from' : 'to'] === name);
          if (moving.length === 0) return [name, {}];
          const { grads } = tf.variableGrads(() => tf.addN(moving.map(({ loss }) => loss(part))), [weights[name]]);
          return [name, { w: grads[weights[name].name] as tf.Tensor }];
        }),
      );
    const primitives: StepPrimitives = {
      learners,
      gradients,
      apply: (all) => {
        for (const name of learners) {
          const gradient = all[name]?.['w'];
          if (gradient !== undefined) weights[name].assign(weights[name].sub(gradient.mul(RATE)));
        }
      },
      parameters: (node) => ({ w: weights[node as 'teacher' | 's'] }),
      scalar: () => tf.scalar(NaN),
      scalarOf: () => tf.scalar(RATE),
    };
    program.step(primitives);
    const [teacher = NaN, s = NaN] = [weights.teacher, weights.s].map((variable) => variable.dataSync()[0]);
    weights.teacher.dispose();
    weights.s.dispose();
    return { teacher, s };
  });

describe('courseExam', () => {
  // Course: ∇_s = (s − 1) + (s − t) = −10, so s′ = −2 + 10 η = 0.5. Exam: ∇ = s′ − 3 = −2.5. ∂²L/∂t∂s = −1, so ∇_t = η (s′ − 3).
  it.each([
    [0, 5 - RATE * (RATE * -2.5)],
    [1, 5 - RATE * (RATE * -2.5 + (5 - 1))],
    [0.5, 5 - RATE * (RATE * -2.5 + 0.5 * (5 - 1))],
  ])('moves the teacher by what its student makes of the exam, labels at %d', (weightOfLabels, expected) => {
    const { teacher, s } = learnOnce(courseExam({ weightOfLabels }));
    expect(s).toBe(0.5);
    expect(teacher).toBeCloseTo(expected, 3);
  });

  it('tries weights as near as it is told to', () => {
    // Of a quadratic loss any distance will do, and a long one rounds less.
    expect(learnOnce(courseExam({ weightOfLabels: 0, epsilon: 1 })).teacher).toBeCloseTo(5 - RATE * (RATE * -2.5), 5);
  });

  it('is the joint step where the teacher rests, or the students do', () => {
    expect(learnOnce(courseExam(), ['teacher'])).toEqual({ teacher: 5, s: -2 - RATE * (-2 - 2 + (-2 - 5)) });
    expect(learnOnce(courseExam(), ['s'])).toEqual({ teacher: 5 - RATE * (5 - 2), s: -2 });
  });

  it('describes itself, and has the phase and the scalar it is given', () => {
    expect(describePart(courseExam())).toEqual({ package: '@codistill/programs', name: 'courseExam', options: { teacher: 'teacher', weightOfLabels: 1, epsilon: 0.01 } });
    const named = courseExam({ teacher: 't', phase: 'exam', stepSize: 0.05 });
    expect([named.phases, named.scalars, named.options['phase']]).toEqual([['exam'], { stepSize: 0.05 }, 'exam']);
    expect(courseExam().phases).toEqual([]);
  });

  it('refuses options out of range', () => {
    expect(() => courseExam({ epsilon: 0 })).toThrow('courseExam: epsilon must be a number above 0, not 0.');
    expect(() => courseExam({ weightOfLabels: -1 })).toThrow('courseExam: weightOfLabels must be a number of at least 0, not -1.');
  });
});

import type * as tf from '@tensorflow/tfjs';
import type { Named } from './json.ts';
import type { Part, PartOrigin } from './part.ts';
import type { Scheduled } from './schedule.ts';
import type { EdgeSpec, GradientFlow } from './spec.ts';

/**
 * Gradients by node and parameter. The engine owns the tensors.
 *
 * @example
 * const nodes = (gradients: Gradients): readonly string[] => Object.keys(gradients);
 */
export type Gradients = Named<Named<tf.Tensor>>;

/**
 * Which gradients are meant.
 *
 * @example
 * const ofStudent: GradientsOf = { edges: ({ to }) => to === 'student', parameters: (node) => node === 'student' };
 */
export interface GradientsOf {
  /** The losses whose weighted sum is differentiated; default all that hold in the stage and name no phase. */
  readonly edges?: (edge: EdgeSpec) => boolean;
  /** With respect to what; default every parameter of the nodes that learn. */
  readonly parameters?: (node: string, parameter: string) => boolean;
  /** Which examples: `[k, n]` is the k-th of n equal parts of the batch, from 0; default `[0, 1]`, all. A batch that has fewer is not divided. */
  readonly part?: readonly [number, number];
  /** In place of the edges' own `gradient`. */
  readonly flow?: GradientFlow;
  /** Whether buffers (moving statistics, memory banks) stay as they were, because the weights are only being tried; default false. */
  readonly virtual?: boolean;
}

/**
 * What one step is made of.
 *
 * @example
 * const joint = ({ gradients, apply }: StepPrimitives): void => apply(gradients());
 */
export interface StepPrimitives {
  /** Names of the nodes that learn in this stage. */
  readonly learners: readonly string[];
  /** Forward passes of the nodes that are needed, the weighted sum of losses, one backward. */
  gradients(of?: GradientsOf): Gradients;
  /** Every node's own optimizer applies its own slice. */
  apply(gradients: Gradients): void;
  /** The parameters of a node, to be read or assigned. The engine owns them. */
  parameters(node: string): Named<tf.Variable>;
  /** The present value of a number the program declared under `scalars`. */
  scalar(name: string): tf.Scalar;
  /** The present value of a number that a node's optimizer declared, by the last part of its name, such as `'lr'`. */
  scalarOf(node: string, name: string): tf.Scalar;
}

/**
 * What one step does: in which order losses are computed and updates applied. A pure function but for the variables it assigns; it
 * reads no value, so that it can be recorded.
 *
 * @example
 * const phases = (program: Program): readonly string[] => program.phases;
 */
export interface Program extends Part {
  /** What edges may name as their `phase`; those that name none are in the main phase. */
  readonly phases: readonly string[];
  /** Numbers that may change over training, by name. */
  readonly scalars: Named<Scheduled>;
  step(primitives: StepPrimitives): void;
}

/**
 * Makes a program of a step function.
 *
 * @example
 * // The two updates of an alternating minimisation
 * const alternating = defineProgram({
 *   name: 'alternating',
 *   step: ({ learners, gradients, apply }) => {
 *     for (const learner of learners) apply(gradients({ parameters: (node) => node === learner }));
 *   },
 * });
 */
export const defineProgram = (
  program: PartOrigin & { readonly phases?: readonly string[]; readonly scalars?: Named<Scheduled>; readonly step: (primitives: StepPrimitives) => void },
): Program => Object.freeze({ package: 'local', options: {}, phases: [], scalars: {}, ...program });

/**
 * The step of all nodes together, and what a pipeline does that names no program: one forward of each network, one backward of the
 * sum of all losses, every update from the same state.
 *
 * @example
 * const usual = joint();
 */
export const joint = (): Program =>
  defineProgram({ package: '@codistill/core', name: 'joint', step: ({ gradients, apply }) => apply(gradients()) });

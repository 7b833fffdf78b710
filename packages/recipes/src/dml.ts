import { type Ensembler, joint, type Optimizer, type Scheduled } from '@codistill/core';
import { meanProbabilities } from '@codistill/ensemblers';
import { crossEntropy, mutualKl } from '@codistill/losses';
import { inTurn } from '@codistill/programs';
import type { Begun, Composed, Models, StudentNodes } from './composed.types.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * Options of {@link dml}.
 *
 * @example
 * declare const resnet: Model<'logits'>;
 * const options: DmlOptions = { students: { a: resnet, b: resnet }, order: 'refreshed' };
 */
export interface DmlOptions<Students extends Models = Models> {
  /** One or more, by name, of any architectures. */
  readonly students: Students;
  /**
   * In which order peers are updated. `'simultaneous'` (default, our choice): all from one forward pass. `'stale'`: one after the
   * other, from one forward pass: what peers hear is detached, so it comes to the same, bit for bit, and is the same step here.
   * `'refreshed'`: one after the other, each hears the others' updated networks, as the authors' code does, at the price of a forward pass of all
   * for every peer.
   */
  readonly order?: 'simultaneous' | 'stale' | 'refreshed';
  /** Weight of what they hear from each other; default 1, the authors' code. */
  readonly weight?: Scheduled;
  /** Whether a peer hears the mean of the others (default; the paper's equation as remembered) or their sum (the authors' code). For two peers the same. */
  readonly reduce?: 'mean' | 'sum';
  /** How the peers vote; default `meanProbabilities()`, our choice. */
  readonly ensembler?: Ensembler<'logits'>;
  /** Default: see `usualOptimizer`. */
  readonly optimizer?: Optimizer;
}

/**
 * Deep mutual learning: peers without a teacher, each of which learns from labels and from the others' predictions.
 *
 * `L_k = CE(z_k, y) + 1/(K − 1) Σ_j KL(p_j ‖ p_k)`, no temperature, p_j detached.
 *
 * Zhang, Xiang, Hospedales & Lu 2018, "Deep mutual learning", arXiv:1706.00384.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `students`, `order`, `weight`, `reduce`
 * @returns the chain, to be built or added to; with one student it is training on labels
 * @example
 * declare const chain: Begun<10>;
 * declare const net: Model<'logits'>;
 * const run = await dml(chain, { students: { a: net, b: net, c: net } }).build();
 */
export function dml<Classes extends number, const Students extends Models>(chain: Begun<Classes>, options: DmlOptions<Students>): Composed<Classes, StudentNodes<Students>>;
export function dml(
  chain: Begun,
  { students, order = 'simultaneous', weight = 1, reduce = 'mean', ensembler = meanProbabilities(), optimizer = usualOptimizer() }: DmlOptions,
): unknown {
  return chain
    .students(students)
    .supervise(crossEntropy())
    .mutual(mutualKl(), { weight, reduce })
    .program(order === 'refreshed' ? inTurn() : joint())
    .optimize(optimizer)
    .ensemble(ensembler);
}

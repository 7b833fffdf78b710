import { CodistillError, defineDerived, type Derived, keyedUniform, type Mode, type Network, say, type Scheduled, type Signal } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Options of {@link interleave}.
 *
 * @example
 * const options: InterleaveOptions<'student', 'teacher', 'block1' | 'block2'> = { keep: 'student', swapIn: 'teacher', at: ['block1', 'block2'], probability: 0.5 };
 */
export interface InterleaveOptions<Keep extends string = string, SwapIn extends string = string, At extends string = string> {
  /** The node that trains through the hybrid. */
  readonly keep: Keep;
  /** The node whose blocks are swapped in, frozen. */
  readonly swapIn: SwapIn;
  /** The taps at which blocks end, in order, by the names they have in both networks. */
  readonly at: readonly At[];
  /** The tap at which the first block begins; what lies before it is always the kept node's own. Default the input. */
  readonly after?: At;
  /** p in [0, 1], of using the kept node's own block; a number or a schedule. Default 0.5. */
  readonly probability?: Scheduled;
}

/** Whether each of `count` blocks is the kept node's own: `uᵢ < p`, so that p = 1 keeps all and p = 0 none. */
const draw = (key: tf.Tensor1D, count: number, probability: tf.Scalar): readonly tf.Tensor[] => {
  const own = keyedUniform(key, [count], 0).less(probability);
  return Array.from({ length: count }, (_, block) => own.slice([block], [1]));
};

/** Runs part of a network; its buffers move only where `own` holds, as if it had not been run otherwise. */
const keeping = (network: Network, own: tf.Tensor, run: () => tf.Tensor): tf.Tensor => {
  const buffers = Object.values(network.buffers).map((buffer) => [buffer, buffer.clone()] as const);
  const value = run();
  for (const [buffer, before] of buffers) if (buffer.dataId !== before.dataId) buffer.assign(tf.where(own, buffer, before));
  return value;
};

/**
 * A student some of whose blocks are, in each step at random, the teacher's: with `aᵢ ~ Bernoulli(p)` for the whole batch
 *
 * `hᵢ = aᵢ Sᵢ(hᵢ₋₁) + (1 − aᵢ) Tᵢ(hᵢ₋₁)`, and the student's classifier on the last h.
 *
 * Fu et al. 2020, "Interactive knowledge distillation" (IAKD), arXiv:2007.01476: during distillation the student's blocks are randomly
 * replaced by the teacher's. That p is that of the student's own block, that the only loss is cross-entropy of the hybrid, and where blocks
 * begin and end could not be verified in the paper; p = 0.5 is our choice. With p = 1 training is that of the student alone, bit for bit;
 * with p = 0 only its classifier learns, on the teacher's features.
 *
 * - Gradients pass *through* the teacher's blocks to the student's earlier ones. A student's block that was not used gets the gradient 0, so
 *   momentum and weight decay go on, and its moving statistics stay as they are.
 * - Outside of training it is the student alone. Finish with p = 1, so that its batch norm meets its own features.
 * - Nothing is read of either node beside: a loss on the student itself would be a pass of its own, and move its statistics again.
 * - Both blocks are computed and one is selected, since a step reads no value: it costs a pass of each network.
 *
 * @param options - `keep`, `swapIn`, `at`; `after`, `probability` (default 0.5), for which the schedules of the paper's names are compositions:
 *   uniform `0.5`, linear growth `linear({ from: 0.5, to: 1 })`, review
 *   `join([linear({ from: 0.5, to: 1 }), linear({ from: 0.5, to: 1 })], { epochs: [60] })`
 * @returns a node that emits `logits`; with no weights of its own, it trains the kept node
 * @throws CodistillError `OPTION_INVALID`; from `state` `BLOCKS_DIFFER`; from `read` `SIGNAL_BEFORE`, `SIGNAL_AROUND`
 * @example
 * const hybrid = interleave({ keep: 'student', swapIn: 'teacher', at: ['block1', 'block2', 'block3'], probability: 0.5 });
 */
export const interleave = <const Keep extends string, const SwapIn extends string, const At extends string>({
  keep,
  swapIn,
  at,
  after,
  probability = 0.5,
}: InterleaveOptions<Keep, SwapIn, At>): Derived<Keep | SwapIn, 'logits', never> => {
  const refuse = (option: string, value: unknown, must: string): void => {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('interleave', option, value, must));
  };
  if ((keep as string) === swapIn) refuse('swapIn', swapIn, 'another node than keep');
  const taps = after === undefined ? at : [after, ...at];
  if (at.length === 0 || new Set(taps).size < taps.length) refuse('at', `[${at.join(', ')}]`, 'the ends of blocks, each once and at least one');
  if (typeof probability === 'number' && !(probability >= 0 && probability <= 1)) refuse('probability', probability, 'from 0 to 1');
  return defineDerived<Keep | SwapIn, 'logits', never>({
    package: '@codistill/nodes',
    name: 'interleave',
    options: { keep, swapIn, at: [...at], ...(after === undefined ? {} : { after }), probability },
    of: [keep, swapIn],
    emits: ['logits'],
    needs: [],
    // Networks are run in parts here, so nothing is asked of them beside.
    reads: { [keep]: [], [swapIn]: [] } as never,
    draws: true,
    learns: false,
    scalars: { probability },
    state: ([student = {}, teacher = {}]) => {
      for (const tap of taps) {
        const [own, other] = [student, teacher].map((shapes) => shapes[`tap:${tap}`]?.slice(1) ?? []) as [number[], number[]];
        if (own.join() !== other.join()) throw new CodistillError('BLOCKS_DIFFER', say.nodes.blocksDiffer('interleave', tap, [keep, swapIn], own, other));
      }
      return { parameters: {}, buffers: {} };
    },
    read: (_, context) => {
      const [student, teacher] = [context.network(keep), context.network(swapIn)];
      const [mode, teacherMode] = [context.mode(keep), context.mode(swapIn)];
      if (!context.training) return student.read(context.input(keep), ['logits'], mode);
      const run = (network: Network, how: Mode, start: Signal | undefined, value: tf.Tensor, end: Signal): tf.Tensor =>
        (start === undefined ? network.read(value, [end], how) : network.readFrom(start, value, [end], how))[end] as tf.Tensor;

      let start: Signal | undefined = after === undefined ? undefined : `tap:${after}`;
      let hidden = start === undefined ? undefined : run(student, mode, undefined, context.input(keep), start);
      const own = draw(context.key, at.length, context.scalar('probability'));
      for (const [block, tap] of at.entries()) {
        const [from, end, isOwn]: readonly [Signal | undefined, Signal, tf.Tensor] = [start, `tap:${tap}`, own[block] as tf.Tensor];
        const [before, theirBefore] = hidden === undefined ? [context.input(keep), context.input(swapIn)] : [hidden, hidden];
        const ours = keeping(student, isOwn, () => run(student, mode, from, before, end));
        hidden = tf.where(isOwn, ours, run(teacher, teacherMode, from, theirBefore, end));
        start = end;
      }
      return { logits: run(student, mode, start, hidden as tf.Tensor, 'logits') };
    },
  });
};

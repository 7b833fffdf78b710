import { CodistillError, defineModel, fold, type Mode, type Model, type Readings, say, type Signal } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { madeOf } from './made-of.ts';
import { type LayerChange, type LayersNetwork, network } from './network.ts';
import { type TapOf, type MemberSignal, memberSignal } from './taps.ts';
import { wayBehind } from './way-behind.ts';

/**
 * Options of {@link branches}.
 *
 * @example
 * const options: BranchesOptions<'p1' | 'p2', 'block2'> = { names: ['p1', 'p2'], from: 'block2' };
 */
export interface BranchesOptions<Name extends string = string, From extends string = string> {
  /** One branch each, at least one; letters, digits, `_`, `-`. */
  readonly names: readonly Name[];
  /** The tap behind which the network forks. All of the network must pass through it. */
  readonly from: From;
  /** Whether each branch has a view of its own where the input holds one per branch; default false: all branches see all of the input. */
  readonly views?: boolean;
}

/**
 * What {@link branches} emits: everything that the model does, of the first branch, and per branch `tap:<name>/…`.
 *
 * @example
 * const signal: BranchesEmits<'logits' | 'tap:pooled', 'p1' | 'p2'> = 'tap:p2/logits';
 */
export type BranchesEmits<Emits extends Signal, Name extends string> = Emits | MemberSignal<Emits, Name>;

/** The branches of a network that is fed several views, by the part of the batch that each reads. */
const split = <Emits extends Signal>(whole: LayersNetwork<Emits>, names: readonly string[], start: tf.SymbolicTensor): Pick<LayersNetwork<Emits>, 'read' | 'readFrom'> => {
  const trunk = (Object.keys(whole.signals) as Emits[]).find((signal) => whole.signals[signal] === start) as Emits;
  const branchOf = (signal: Emits): number => Math.max(0, names.findIndex((name) => signal.startsWith(`tap:${name}/`)));
  const forks = (signal: Emits): boolean => wayBehind(start, whole.signals[signal]) === 'through';
  const isWhole = ({ views = 1 }: Mode): boolean => {
    if (views !== 1 && views !== names.length) throw new CodistillError('VIEWS_COUNT', say.models.viewsCount(names, views));
    return views === 1;
  };
  const inParts = <S extends Emits>(readTrunk: (signals: readonly Emits[]) => Readings<Emits>, wanted: readonly S[], mode: Mode): Readings<S> =>
    tf.tidy(() => {
      const readings: Record<string, tf.Tensor> = {};
      const common = readTrunk([...new Set([...wanted.filter((signal) => !forks(signal)), trunk])]);
      const partOf = (tensor: tf.Tensor, branch: number): tf.Tensor => {
        const rows = tensor.shape[0] / names.length;
        return tensor.slice(branch * rows, rows);
      };
      for (const branch of names.keys()) {
        const [own, shared] = [true, false].map((behind) => wanted.filter((signal) => branchOf(signal) === branch && forks(signal) === behind)) as [S[], S[]];
        for (const signal of shared) readings[signal] = partOf(common[signal], branch);
        if (own.length > 0) Object.assign(readings, whole.readFrom(trunk, partOf(common[trunk], branch), own, mode));
      }
      return readings as Readings<S>;
    });
  return {
    read: (input, wanted, mode) => (isWhole(mode) ? whole.read(input, wanted, mode) : inParts((signals) => whole.read(input, signals, mode), wanted, mode)),
    readFrom: (from, value, wanted, mode) =>
      isWhole(mode) || forks(from) ? whole.readFrom(from, value, wanted, mode) : inParts((signals) => whole.readFrom(from, value, signals, mode), wanted, mode),
  };
};

/**
 * One network with several heads: the layers up to a tap are shared, and what lies behind is there once per name, with layers called
 * `<name>_<layer>` and initial weights of its own. As in the multi-branch networks of ONE (Lan et al. 2018, arXiv:1806.04606),
 * OKDDip (Chen et al. 2020, arXiv:1912.00350) and PCL (Wu & Gong 2021, arXiv:2006.04147).
 *
 * It emits what the model does, of its first branch, and per branch the same under its name: `tap:p2/logits`, `tap:p2/pooled`, …; taps
 * before the fork are the same for all. The first branch has the weights that the model itself has with this key.
 *
 * **Views.** With `views: true`, a node that sees as many views as there are branches feeds the shared layers all of them at once,
 * and branch i the i-th: its readings have the rows of that view. Whether an input holds several the network is told by
 * `mode.views`; where it holds one (in evaluation) all branches see it.
 *
 * @param model - of stock layers, as all of this package are
 * @param options - see {@link BranchesOptions}
 * @returns a model whose `layers` have the outputs of every branch, the first branch's first
 * @throws CodistillError `OPTION_INVALID`, `TAP_MISSING`; from `build` `SIGNAL_AROUND`, `MODEL_OPAQUE`, `NOT_COPIED`; from
 *   reading `VIEWS_COUNT`
 * @example
 * const peers = branches(resnet({ depth: 8 }), { names: ['p1', 'p2', 'p3'], from: 'block2', views: true });
 * const third: (typeof peers.emits)[number] = 'tap:p3/logits';
 */
export const branches = <const Emits extends Signal, const Name extends string, const From extends TapOf<Emits>, const Classes extends number = number>(
  model: Model<Emits, Classes>,
  { names, from, views = false }: BranchesOptions<Name, From>,
): Model<BranchesEmits<Emits, Name>, Classes> => {
  type All = BranchesEmits<Emits, Name>;
  if (names.length === 0 || new Set(names).size < names.length || !names.every((name) => /^[\w-]+$/.test(name))) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('branches', 'names', `[${names.join(', ')}]`, 'different names, at least one, of letters, digits, _ and -'));
  }
  const fork = `tap:${from}` as Emits;
  if (!model.emits.includes(fork)) throw new CodistillError('TAP_MISSING', say.models.tapMissing('branches', from, model.name, model.emits));
  return defineModel<All, Classes>({
    package: '@codistill/models',
    name: 'branches',
    options: { of: model, names: [...names], from, ...(views ? { views } : {}) },
    emits: [...model.emits, ...names.flatMap((name) => model.emits.map((signal) => memberSignal(signal, name)))],
    classes: model.classes,
    normalisation: model.normalisation,
    build: (site, key) =>
      madeOf('branches', (making) => {
        const first = making.build(model, site, key);
        for (const signal of model.emits) {
          if (wayBehind(first.signals[fork], first.signals[signal]) === 'around') throw new CodistillError('SIGNAL_AROUND', say.models.signalAround(signal, fork));
        }
        const image = tf.input({ shape: [...site.input], name: 'input' });
        const trunk = making.regrow(first, new Map([[first.layers.inputs[0] as tf.SymbolicTensor, image]]));
        const start = trunk.at(first.signals[fork]);
        const signals: Record<string, tf.SymbolicTensor> = {};
        const outputs = new Set<tf.SymbolicTensor>();
        const changes: Record<string, LayerChange> = {};
        for (const [index, name] of names.entries()) {
          const own = index === 0 ? first : making.build(model, site, fold(key, 'branch', name));
          const branch = making.regrow(own, new Map([[own.signals[fork], start]]), { rename: (layer) => `${name}_${layer}` });
          const grown = (ofOwn: tf.SymbolicTensor, ofFirst: tf.SymbolicTensor): tf.SymbolicTensor =>
            wayBehind(own.signals[fork], ofOwn) === 'through' ? branch.at(ofOwn) : trunk.at(ofFirst);
          for (const signal of model.emits) {
            const source = grown(own.signals[signal], first.signals[signal]);
            signals[memberSignal(signal, name)] = source;
            if (index === 0) signals[signal] = source;
          }
          own.layers.outputs.forEach((output, at) => outputs.add(grown(output, first.layers.outputs[at] as tf.SymbolicTensor)));
          Object.assign(changes, branch.changes);
        }
        Object.assign(changes, trunk.changes);
        const layers = tf.model({ inputs: image, outputs: [...outputs], name: 'branches' });
        const whole = network<All>(layers, signals as Record<All, tf.SymbolicTensor>, changes);
        return views ? { ...whole, ...split<All>(whole, names, start) } : whole;
      }),
  });
};

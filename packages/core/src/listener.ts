import type { Json, Named } from './json.ts';
import type { Evaluation } from './metric.ts';
import type { Spec } from './spec.ts';

/**
 * What happens while a run trains, in order: one `start`, then per step a `step`, per epoch an `epoch`, on writing a
 * `checkpoint`, a `notice` where something deserves a sentence, and one `end`.
 *
 * @example
 * const isStep = (event: TrainingEvent): boolean => event.type === 'step';
 */
export type TrainingEvent =
  | {
      readonly type: 'start';
      readonly spec: Spec;
      /** Steps already done, if resumed. */
      readonly step: number;
      readonly steps: number;
      readonly stepsPerEpoch: number;
      readonly epochs: number;
      readonly examples: number;
      readonly parameters: Named<number>;
    }
  | {
      readonly type: 'step';
      /** Steps done, this one included. */
      readonly step: number;
      readonly epoch: number;
      /** Examples in this step's batch. */
      readonly examples: number;
      readonly losses: StepLosses;
    }
  | { readonly type: 'epoch'; readonly epoch: number; readonly step: number; readonly evaluation: Evaluation | undefined }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string }
  | { readonly type: 'notice'; readonly code: string; readonly sentence: string }
  | { readonly type: 'end'; readonly step: number; readonly reason: 'finished' | 'stopped' | 'interrupted'; readonly why?: string };

/**
 * Losses of one step, before its update.
 *
 * @example
 * const worst = (losses: StepLosses): number => Math.max(...Object.values(losses.nodes));
 */
export interface StepLosses {
  /** Per node: the weighted sum over the edges that end there. */
  readonly nodes: Named<number>;
  /** Per active edge, by edge id: the unweighted mean of its term. */
  readonly edges: Named<number>;
}

/**
 * What a listener may ask of the run.
 *
 * @example
 * const halt = (signals: Signals): void => { signals.stop('the loss is low enough'); };
 */
export interface Signals {
  /** Ends training after the present step, with a reason for the record. */
  stop(why: string): void;
}

/**
 * Hears what happens while a run trains. It never steers but by `signals`. A listener with memory saves it as JSON, so that a
 * resumed run goes on as if it had never been interrupted.
 *
 * @example
 * const printer: Listener = { name: 'printer', on: (event) => { if (event.type === 'epoch') console.log(event.epoch); } };
 */
export interface Listener {
  readonly name: string;
  on(event: TrainingEvent, signals: Signals): void | Promise<void>;
  save?(): Json;
  restore?(state: Json): void;
}

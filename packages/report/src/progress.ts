import type { Evaluation, Listener, Named, Scores, TrainingEvent } from '@codistill/core';
import { match } from 'ts-pattern';
import { duration } from './duration.ts';
import { count } from './figure.ts';
import { type DisplayStream, type LiveLines, liveLines } from './live-lines.ts';
import { type Pace, pace } from './pace.ts';

/**
 * How progress is shown.
 *
 * @example
 * const toStdout: ProgressOptions = { stream: process.stdout, everySteps: 500 };
 */
export interface ProgressOptions {
  /** Where; default `process.stderr`, so that results on stdout stay alone. */
  readonly stream?: DisplayStream;
  /** Without a terminal: steps between two lines of an epoch; default a quarter of an epoch, at most 100. */
  readonly everySteps?: number;
  /** Milliseconds from any origin; default `performance.now`. The only clock in the house, and nothing but this display reads it. */
  readonly clock?: () => number;
}

type Event<Type extends TrainingEvent['type']> = Extract<TrainingEvent, { type: Type }>;

/** Milliseconds between two drawings on a terminal. */
const REDRAW = 100;

const named = (title: string, values: Named<number>): string =>
  `${title} ${Object.entries(values)
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
    .join('  ')}`;

/** The first measure of every node and the ensemble: `accuracy teacher 0.9132  small 0.8931`. */
const firstMeasure = ({ nodes, ensemble }: Evaluation): string => {
  const scores: Named<Scores> = ensemble === undefined ? nodes : { ...nodes, ensemble };
  const [measure] = Object.values(scores).flatMap(({ numbers }) => Object.keys(numbers));
  if (measure === undefined) return '';
  return named(measure, Object.fromEntries(Object.entries(scores).map(([name, { numbers }]) => [name, numbers[measure] ?? Number.NaN])));
};

const greeting = ({ parameters, epochs, stepsPerEpoch, examples, step }: Event<'start'>): string => {
  const nodes = Object.entries(parameters).map(([name, size]) => `${name} (${count(size)} parameters)`);
  const from = step === 0 ? '' : `, resumed after step ${step}`;
  return `training ${nodes.join(', ')}: ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} of ${stepsPerEpoch} ${stepsPerEpoch === 1 ? 'step' : 'steps'} over ${count(examples)} images${from}`;
};

const farewell = ({ reason, step, why }: Event<'end'>, elapsed: number): string =>
  `${reason} after step ${step}, in ${duration(elapsed)}${why === undefined ? '' : `: ${why}`}`;

/** What is known of the run that is under way. */
interface Course {
  readonly start: Event<'start'>;
  readonly pace: Pace;
  readonly live: LiveLines | undefined;
  readonly losses: Map<string, number>;
  lossesOver: number;
  measured: string;
  drawn: number;
  epochBegan: number;
}

/**
 * Shows how training goes: on a terminal a bar that stays in place (epoch, step, images/s, time to go) with the nodes' losses, meaned over
 * the epoch so far, and what the last evaluation measured first (accuracy, unless metrics were chosen); elsewhere plain lines. Each epoch,
 * notice and checkpoint leaves a line in both.
 *
 * It only looks on: the trained weights do not depend on it. One value may hear several runs, one after the other.
 *
 * @returns a listener for `run.fit`; it holds no tensor and no timer
 * @example
 * declare const run: Run;
 * await run.fit({ epochs: 10, listeners: [progress()] });
 */
export const progress = ({ stream = process.stderr, everySteps, clock = () => performance.now() }: ProgressOptions = {}): Listener => {
  let course: Course | undefined;

  const print = (line: string): void => {
    if (course?.live === undefined) stream.write(`${line}\n`);
    else course.live.print(line);
  };

  const epochOf = ({ start }: Course, step: number): string => `epoch ${Math.max(1, Math.ceil(step / start.stepsPerEpoch))}/${start.epochs}`;

  const speed = ({ start, pace: { rate, remaining } }: Course, step: number): string => {
    const left = remaining(start.steps - step);
    return `${rate().toFixed(0)} images/s  ETA ${Number.isFinite(left) ? duration(left) : '–'}`;
  };

  const losses = ({ losses: sums, lossesOver }: Course): string =>
    named('loss', Object.fromEntries([...sums].map(([node, sum]) => [node, sum / lossesOver])));

  const draw = (on: Course, step: number): void => {
    const below = [...(on.lossesOver === 0 ? [] : [losses(on)]), ...(on.measured === '' ? [] : [on.measured])];
    on.live?.draw({ done: step, before: epochOf(on, step), after: `step ${step}/${on.start.steps}  ${speed(on, step)}` }, below);
    on.drawn = clock();
  };

  const begin = (start: Event<'start'>): void => {
    course?.live?.end();
    stream.write(`${greeting(start)}\n`);
    const live = stream.isTTY === true ? liveLines(stream, start.steps) : undefined;
    course = { start, pace: pace(clock), live, losses: new Map(), lossesOver: 0, measured: '', drawn: clock(), epochBegan: 0 };
    draw(course, start.step);
  };

  const step = (on: Course, event: Event<'step'>): void => {
    on.pace.step(event.examples);
    for (const [node, loss] of Object.entries(event.losses.nodes)) on.losses.set(node, (on.losses.get(node) ?? 0) + loss);
    on.lossesOver += 1;
    const { stepsPerEpoch, steps } = on.start;
    if (on.live !== undefined) {
      if (clock() - on.drawn >= REDRAW) draw(on, event.step);
    } else if (event.step % (everySteps ?? Math.min(100, Math.ceil(stepsPerEpoch / 4))) === 0 && event.step % stepsPerEpoch !== 0) {
      print(`${epochOf(on, event.step)}  step ${event.step}/${steps}  ${losses(on)}  ${speed(on, event.step)}`);
    }
  };

  const epoch = (on: Course, event: Event<'epoch'>): void => {
    on.pace.aside();
    if (event.evaluation !== undefined) on.measured = firstMeasure(event.evaluation);
    const took = duration(on.pace.elapsed() - on.epochBegan);
    print([epochOf(on, event.step), `in ${took}`, ...(on.lossesOver === 0 ? [] : [losses(on)]), ...(event.evaluation === undefined ? [] : [on.measured])].join('  '));
    draw(on, event.step);
    on.losses.clear();
    on.lossesOver = 0;
    on.epochBegan = on.pace.elapsed();
  };

  const end = (on: Course, event: Event<'end'>): void => {
    on.live?.end();
    course = undefined;
    print(farewell(event, on.pace.elapsed()));
  };

  const underWay = (act: (on: Course) => void): void => {
    if (course !== undefined) act(course);
  };

  const checkpoint = (on: Course, event: Event<'checkpoint'>): void => {
    on.pace.aside();
    print(`checkpoint of step ${event.step}: ${event.path}`);
  };

  return {
    name: 'progress',
    on: (event) => {
      match(event)
        .with({ type: 'start' }, begin)
        .with({ type: 'step' }, (stepped) => underWay((on) => step(on, stepped)))
        .with({ type: 'epoch' }, (ended) => underWay((on) => epoch(on, ended)))
        .with({ type: 'checkpoint' }, (written) => underWay((on) => checkpoint(on, written)))
        .with({ type: 'notice' }, ({ sentence }) => print(sentence))
        .with({ type: 'end' }, (ended) => underWay((on) => end(on, ended)))
        .exhaustive();
    },
  };
};

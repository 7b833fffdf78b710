/**
 * How fast a run goes, by the events that pass and a clock.
 */
export interface Pace {
  /** Milliseconds since the start. */
  elapsed(): number;
  /** A step over so many examples ends now. */
  step(examples: number): void;
  /** Something that is not training ends now (an evaluation, a checkpoint): the time since the last event is not a step's. */
  aside(): void;
  /** Examples per second of late, asides left out. */
  rate(): number;
  /** Milliseconds to go for so many more steps, asides included; NaN before the first step. */
  remaining(steps: number): number;
}

/** Weight that the past keeps with each step: about the last twenty count. */
const MEMORY = 0.95;

/** Starts to measure. @param clock - milliseconds, from any origin */
export const pace = (clock: () => number): Pace => {
  const began = clock();
  let last = began;
  let steps = 0;
  let examplesOfLate = 0;
  let timeOfLate = 0;
  return {
    elapsed: () => clock() - began,
    step: (examples) => {
      const now = clock();
      examplesOfLate = MEMORY * examplesOfLate + examples;
      timeOfLate = MEMORY * timeOfLate + (now - last);
      last = now;
      steps += 1;
    },
    aside: () => {
      last = clock();
    },
    rate: () => (timeOfLate > 0 ? (1000 * examplesOfLate) / timeOfLate : 0),
    remaining: (more) => ((clock() - began) / steps) * more,
  };
};

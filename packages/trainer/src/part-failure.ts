import { CodistillError, say } from '@codistill/core';
import { EdgeFailure } from './edge-failure.ts';

/**
 * A part that somebody wrote threw: a data set, a view, an optimizer, a schedule, a metric, a listener.
 *
 * @example
 * const reason = (failure: PartFailure): string => `${failure.what}: ${failure.reason}`;
 */
export class PartFailure extends CodistillError {
  /** The part as it is called in sentences. */
  readonly what: string;
  /** What it said. */
  readonly reason: string;

  /**
   * @param what - the part: `the optimizer 'mine'`
   * @param cause - what it threw
   */
  constructor(what: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super('PART_THREW', say.train.partThrew(what, reason), { cause });
    this.what = what;
    this.reason = reason;
  }
}

/** Those who say a sentence of their own have said it. */
const told = (error: unknown): boolean => error instanceof EdgeFailure || error instanceof CodistillError;

/**
 * Runs a part's own code, so that what it throws names it.
 *
 * @throws PartFailure; CodistillError where the part throws one
 * @example
 * const doubled = naming("the schedule 'mine'", () => 2 * 2);
 */
export const naming = <T>(what: string, run: () => T): T => {
  try {
    return run();
  } catch (error) {
    throw told(error) ? error : new PartFailure(what, error);
  }
};

/**
 * The same for what takes time.
 *
 * @example
 * const batch = await namingAsync("the data set 'mine'", () => Promise.resolve([]));
 */
export const namingAsync = async <T>(what: string, run: () => T | Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    throw told(error) ? error : new PartFailure(what, error);
  }
};

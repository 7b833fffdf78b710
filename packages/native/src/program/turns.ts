/**
 * A queue of tasks of which those that change something run alone.
 *
 * @example
 * const turns = new Turns();
 * const done = turns.alone(() => Promise.resolve('written'));
 */
export class Turns {
  #alone = 0;
  #last: Promise<unknown> = Promise.resolve();
  readonly #together = new Set<Promise<unknown>>();

  /** Runs a task after all that were asked for before it, and before all that are asked for after it: at once, if there are none. */
  alone<T>(task: () => Promise<T>): Promise<T> {
    const idle = this.#alone === 0 && this.#together.size === 0;
    const turn = idle ? task() : Promise.allSettled([this.#last, ...this.#together]).then(task);
    this.#alone += 1;
    this.#last = turn.catch(() => undefined).finally(() => (this.#alone -= 1));
    return turn;
  }

  /** Runs a task after the last that ran alone, beside others that do the same. */
  together<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#alone === 0 ? task() : this.#last.then(task);
    const settled = turn.catch(() => undefined).finally(() => this.#together.delete(settled));
    this.#together.add(settled);
    return turn;
  }
}

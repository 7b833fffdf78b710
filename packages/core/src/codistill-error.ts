/**
 * Every error codistill throws on purpose: one sentence that says what is wrong, where, and what to do, under a stable code.
 * Messages that begin with `internal:` are bugs of codistill.
 *
 * @example
 * try {
 *   throw new CodistillError('NAME_TAKEN', "node 'small' is already defined");
 * } catch (error) {
 *   if (error instanceof CodistillError && error.code === 'NAME_TAKEN') console.log(error.message);
 * }
 */
export class CodistillError extends Error {
  override readonly name: string = 'CodistillError';

  /** Stable, upper-case identifier of the sentence. */
  readonly code: string;

  /**
   * @param code - stable identifier, upper case
   * @param sentence - from `say`
   * @param options - the `cause`, where another error led to this one
   */
  constructor(code: string, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.code = code;
  }
}

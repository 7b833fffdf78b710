/**
 * Why something failed: the first line of an error. TensorFlow adds lines of advice and of its own source. Errors of an addon need
 * not be `instanceof Error` where a runner gave the program a global object of its own.
 *
 * @param error - whatever was thrown
 * @example
 * reasonOf(new Error('no such device\nsee above')); // 'no such device'
 */
export const reasonOf = (error: unknown): string => {
  const said = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return String(said).split('\n')[0] ?? '';
};

/**
 * A slope measured by differences, with the error that float32 noise may have put into it.
 *
 * @example
 * const exact: Slope = { value: 3, noise: 0 };
 */
export interface Slope {
  readonly value: number;
  readonly noise: number;
}

/** From wide, where float32 values can be told apart, to narrow, which steps over fewer kinks. */
const WIDTHS = [0.05, 0.0125];

/**
 * The derivative of a function of one number at 0, by central differences of fourth order:
 * `( 8 (f(h) − f(−h)) − (f(2h) − f(−2h)) ) / 12h`.
 *
 * Losses have kinks (|x|, max, ReLU), and differences across one mean nothing. At a kink slopes jump, so differences of slopes
 * are uneven; for smooth functions they change by no more than h² f‴. Uneven ones are measured again, narrower.
 *
 * @param f - the function; asynchronous, as reading a device is
 * @param f0 - its value at 0
 * @param unit - what counts as a large slope
 * @returns `undefined` where there is a kink nearby
 * @example
 * const three = await slopeAtZero((x) => Promise.resolve(3 * x), 0, 3);
 */
export const slopeAtZero = async (f: (x: number) => Promise<number>, f0: number, unit: number): Promise<Slope | undefined> => {
  for (const h of WIDTHS) {
    const [fm2, fm1, f1, f2] = [await f(-2 * h), await f(-h), await f(h), await f(2 * h)];
    const noise = (1e-6 * Math.max(Math.abs(fm2), Math.abs(f0), Math.abs(f2))) / h;
    const unevenness = Math.max(Math.abs(f1 - 3 * f0 + 3 * fm1 - fm2), Math.abs(f2 - 3 * f1 + 3 * f0 - fm1)) / h;
    if (unevenness <= 0.005 * unit + noise) return { value: (8 * (f1 - fm1) - (f2 - fm2)) / (12 * h), noise };
  }
  return undefined;
};

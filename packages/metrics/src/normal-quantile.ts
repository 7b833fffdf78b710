/** Coefficients of Wichura's three quotients, numerator and denominator, highest power first. */
const QUOTIENTS = {
  central: [
    [
      2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987,
      13731.69376550946, 1971.5909503065513, 133.14166789178438, 3.3871328727963665,
    ],
    [
      5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597,
      5394.196021424751, 687.1870074920579, 42.31333070160091, 1,
    ],
  ],
  middle: [
    [
      0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
      3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
    ],
    [
      1.0507500716444169e-09, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
      0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
    ],
  ],
  tail: [
    [
      2.0103343992922881e-07, 2.7115555687434876e-05, 0.0012426609473880784, 0.026532189526576124,
      0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
    ],
    [
      2.0442631033899397e-15, 1.421511758316446e-07, 1.8463183175100548e-05, 0.0007868691311456133,
      0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
    ],
  ],
} as const;

const quotient = ([numerator, denominator]: readonly [readonly number[], readonly number[]], x: number): number => {
  const polynomial = (coefficients: readonly number[]): number => coefficients.reduce((sum, c) => sum * x + c, 0);
  return polynomial(numerator) / polynomial(denominator);
};

/**
 * The standard normal's quantile function: z with `Φ(z) = p`. Wichura 1988, algorithm AS 241, to about 1 part in 10¹⁶.
 *
 * @param p - in (0, 1)
 */
export const normalQuantile = (p: number): number => {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * quotient(QUOTIENTS.central, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(Math.min(p, 1 - p)));
  const z = r <= 5 ? quotient(QUOTIENTS.middle, r - 1.6) : quotient(QUOTIENTS.tail, r - 5);
  return q < 0 ? -z : z;
};

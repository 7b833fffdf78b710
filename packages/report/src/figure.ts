/** A measure in four decimals, `–` where there is none. */
export const figure = (value: number | undefined): string => (value === undefined || Number.isNaN(value) ? '–' : value.toFixed(4));

/** A whole number with thousands set apart: `11,689,512`. */
export const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

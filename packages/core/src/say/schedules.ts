/**
 * Sentences about numbers that change over training. Codes are the keys in upper snake case.
 *
 * @example
 * schedules.lengthMissing('step'); // "step needs a length: say epochs, as in { epochs: 30 }, or steps, as in { steps: 1000 }."
 */
export const schedules = {
  lengthMissing: (schedule: string): string => `${schedule} needs a length: say epochs, as in { epochs: 30 }, or steps, as in { steps: 1000 }.`,
  lengthTwice: (schedule: string): string => `${schedule} was given a length both in epochs and in steps: say one of them.`,
  optionUnknown: (schedule: string, option: string): string => `${schedule} has no option '${option}': a length is given as epochs or as steps.`,
  bordersMissing: (schedule: string): string => `${schedule} needs borders: say epochs, as in { epochs: [60, 120] }, or steps, as in { steps: [1000, 2000] }.`,
  bordersNotRising: (schedule: string, unit: 'epochs' | 'steps', borders: readonly unknown[]): string =>
    `${schedule}: ${unit} must be a list of rising numbers above 0, not [${borders.map(String).join(', ')}].`,
  bordersCount: (schedules: number, borders: number): string =>
    `join was given ${schedules} schedule${schedules === 1 ? '' : 's'} and ${borders} border${borders === 1 ? '' : 's'}: give one border between each two.`,
} as const;

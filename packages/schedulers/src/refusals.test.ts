import { CodistillError } from '@codistill/core';
import { constant, cosine, cosineRestarts, exponential, join, linear, multistep, oneCycle, polynomial, rampUp, step, warmup } from './index.ts';

/** What JavaScript may pass. */
const js = <T>(value: unknown): T => value as T;

describe('what a schedule refuses', () => {
  it.each<[() => unknown, string, string]>([
    [() => cosine({ from: NaN }), 'OPTION_INVALID', 'cosine: from must be a finite number, not NaN.'],
    [() => cosine(js({})), 'OPTION_INVALID', 'cosine: from must be a finite number, not undefined.'],
    [() => constant(js({ value: '0.1' })), 'OPTION_INVALID', "constant: value must be a finite number, not '0.1'."],
    [() => linear({ from: 0, to: Infinity }), 'OPTION_INVALID', 'linear: to must be a finite number, not Infinity.'],
    [() => linear({ from: 0, to: 1, epochs: 0 }), 'OPTION_INVALID', 'linear: epochs must be a number above 0, not 0.'],
    [() => polynomial({ from: 1, power: -1 }), 'OPTION_INVALID', 'polynomial: power must be a number above 0, not -1.'],
    [() => exponential({ from: 1, factor: 0 }), 'OPTION_INVALID', 'exponential: factor must be a number above 0, not 0.'],
    [() => step({ from: 1, factor: -0.1, epochs: 1 }), 'OPTION_INVALID', 'step: factor must be a number above 0, not -0.1.'],
    [() => step({ from: 1, steps: -5 }), 'OPTION_INVALID', 'step: steps must be a number above 0, not -5.'],
    [() => cosineRestarts({ from: 1, epochs: 1, multiplier: 0.5 }), 'OPTION_INVALID', 'cosineRestarts: multiplier must be a number of at least 1, not 0.5.'],
    [() => oneCycle({ peak: 1, rise: 1 }), 'OPTION_INVALID', 'oneCycle: rise must be a number between 0 and 1, not 1.'],
    [() => rampUp(js({ shape: 'cubic' })), 'OPTION_INVALID', "rampUp: shape must be 'sigmoid' or 'linear', not 'cubic'."],
    [() => rampUp(js({ shape: 'toString' })), 'OPTION_INVALID', "rampUp: shape must be 'sigmoid' or 'linear', not 'toString'."],
    [() => rampUp(js({ epoch: 5 })), 'OPTION_UNKNOWN', "rampUp has no option 'epoch': a length is given as epochs or as steps."],
    [() => cosine(js({ from: 1, epochs: 5, steps: 50 })), 'LENGTH_TWICE', 'cosine was given a length both in epochs and in steps: say one of them.'],
    [() => step(js({ from: 1 })), 'LENGTH_MISSING', 'step needs a length: say epochs, as in { epochs: 30 }, or steps, as in { steps: 1000 }.'],
    [() => warmup(0.1, js({})), 'LENGTH_MISSING', 'warmup needs a length: say epochs, as in { epochs: 30 }, or steps, as in { steps: 1000 }.'],
    [() => multistep(js({ from: 1 })), 'BORDERS_MISSING', 'multistep needs borders: say epochs, as in { epochs: [60, 120] }, or steps, as in { steps: [1000, 2000] }.'],
    [() => multistep({ from: 1, epochs: [120, 60] }), 'BORDERS_NOT_RISING', 'multistep: epochs must be a list of rising numbers above 0, not [120, 60].'],
    [() => multistep({ from: 1, steps: [0, 60] }), 'BORDERS_NOT_RISING', 'multistep: steps must be a list of rising numbers above 0, not [0, 60].'],
    [() => multistep(js({ from: 1, epochs: 60 })), 'BORDERS_NOT_RISING', 'multistep: epochs must be a list of rising numbers above 0, not [60].'],
    [() => join([0, 1, 2], { epochs: [5] }), 'BORDERS_COUNT', 'join was given 3 schedules and 1 border: give one border between each two.'],
    [() => join([], { epochs: [] }), 'BORDERS_COUNT', 'join was given 0 schedules and 0 borders: give one border between each two.'],
  ])('%s', (make, code, sentence) => {
    expect(make).toThrow(new CodistillError(code, sentence));
    expect(make).toThrow(expect.objectContaining({ code }));
  });
});

describe('types', () => {
  it('refuse two lengths, and none where one is needed', () => {
    // @ts-expect-error both epochs and steps
    expect(() => cosine({ from: 1, epochs: 5, steps: 50 })).toThrow(CodistillError);
    // @ts-expect-error no length
    expect(() => step({ from: 1 })).toThrow(CodistillError);
    // @ts-expect-error no such option
    expect(() => rampUp({ epoch: 5 })).toThrow(CodistillError);
  });
});

import { CodistillError } from '@codistill/core';
import { constant, cosine, cosineRestarts, exponential, join, linear, multistep, oneCycle, polynomial, rampUp, step, warmup } from './index.ts';

/** What JavaScript may pass. */
const js = (value: unknown): never => value as never;

describe('what a schedule refuses', () => {
  it.each<[sentence: string, code: string, make: () => unknown]>([
    ['cosine: from must be a finite number, not NaN.', 'OPTION_INVALID', () => cosine({ from: NaN })],
    ['cosine: from must be a finite number, not undefined.', 'OPTION_INVALID', () => cosine(js({}))],
    ["constant: value must be a finite number, not '0.1'.", 'OPTION_INVALID', () => constant(js({ value: '0.1' }))],
    ['linear: to must be a finite number, not Infinity.', 'OPTION_INVALID', () => linear({ from: 0, to: Infinity })],
    ['linear: epochs must be a number above 0, not 0.', 'OPTION_INVALID', () => linear({ from: 0, to: 1, epochs: 0 })],
    ['polynomial: power must be a number above 0, not -1.', 'OPTION_INVALID', () => polynomial({ from: 1, power: -1 })],
    ['exponential: factor must be a number above 0, not 0.', 'OPTION_INVALID', () => exponential({ from: 1, factor: 0 })],
    ['step: factor must be a number above 0, not -0.1.', 'OPTION_INVALID', () => step({ from: 1, factor: -0.1, epochs: 1 })],
    ['step: steps must be a number above 0, not -5.', 'OPTION_INVALID', () => step({ from: 1, steps: -5 })],
    ['cosineRestarts: multiplier must be a number of at least 1, not 0.5.', 'OPTION_INVALID', () => cosineRestarts({ from: 1, epochs: 1, multiplier: 0.5 })],
    ['oneCycle: rise must be a number between 0 and 1, not 1.', 'OPTION_INVALID', () => oneCycle({ peak: 1, rise: 1 })],
    ["rampUp: shape must be 'sigmoid' or 'linear', not 'cubic'.", 'OPTION_INVALID', () => rampUp(js({ shape: 'cubic' }))],
    ["rampUp: shape must be 'sigmoid' or 'linear', not 'toString'.", 'OPTION_INVALID', () => rampUp(js({ shape: 'toString' }))],
    ["rampUp has no option 'epoch': a length is given as epochs or as steps.", 'OPTION_UNKNOWN', () => rampUp(js({ epoch: 5 }))],
    ['cosine was given a length both in epochs and in steps: say one of them.', 'LENGTH_TWICE', () => cosine(js({ from: 1, epochs: 5, steps: 50 }))],
    ['step needs a length: say epochs, as in { epochs: 30 }, or steps, as in { steps: 1000 }.', 'LENGTH_MISSING', () => step(js({ from: 1 }))],
    ['warmup needs a length: say epochs, as in { epochs: 30 }, or steps, as in { steps: 1000 }.', 'LENGTH_MISSING', () => warmup(0.1, js({}))],
    ['multistep needs borders: say epochs, as in { epochs: [60, 120] }, or steps, as in { steps: [1000, 2000] }.', 'BORDERS_MISSING', () => multistep(js({ from: 1 }))],
    ['multistep: epochs must be a list of rising numbers above 0, not [120, 60].', 'BORDERS_NOT_RISING', () => multistep({ from: 1, epochs: [120, 60] })],
    ['multistep: epochs must be a list of rising numbers above 0, not [60, 60].', 'BORDERS_NOT_RISING', () => multistep({ from: 1, epochs: [60, 60] })],
    ['multistep: steps must be a list of rising numbers above 0, not [0, 60].', 'BORDERS_NOT_RISING', () => multistep({ from: 1, steps: [0, 60] })],
    ['multistep: epochs must be a list of rising numbers above 0, not [60].', 'BORDERS_NOT_RISING', () => multistep(js({ from: 1, epochs: 60 }))],
    ['join was given 3 schedules and 1 border: give one border between each two.', 'BORDERS_COUNT', () => join([0, 1, 2], { epochs: [5] })],
    ['join was given 0 schedules and 0 borders: give one border between each two.', 'BORDERS_COUNT', () => join([], { epochs: [] })],
  ])('%s', (sentence, code, make) => {
    expect(make).toThrow(new CodistillError(code, sentence));
    expect(make).toThrow(expect.objectContaining({ code }) as CodistillError);
  });
});

describe('types', () => {
  it('refuse two lengths, and none where one is needed', () => {
    // @ts-expect-error both epochs and steps
    expect(() => cosine({ from: 1, epochs: 5, steps: 50 })).toThrow(CodistillError);
    // @ts-expect-error no length is given
    expect(() => step({ from: 1 })).toThrow(CodistillError);
    // @ts-expect-error there is no such option
    expect(() => rampUp({ epoch: 5 })).toThrow(CodistillError);
  });
});

import { createPlacement } from './placement.ts';

describe('a placement', () => {
  it('follows the largest input that is placed', () => {
    const placement = createPlacement();
    placement.put('small', '/device:GPU:0', 10);
    placement.put('large', '/device:GPU:1', 100);
    placement.put('nowhere', '', 1000);
    expect(placement.follow(['small', 'large', 'nowhere', 'unknown'])).toBe('/device:GPU:1');
    expect(placement.follow(['small', 'nowhere'])).toBe('/device:GPU:0');
    expect(placement.follow(['nowhere', 'unknown'])).toBe('');
    expect(placement.follow([])).toBe('');
  });
});

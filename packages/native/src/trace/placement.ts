/**
 * Which device each tensor of a graph is on.
 *
 * @example
 * const follow = (placement: Placement, inputs: readonly string[]): string => placement.follow(inputs);
 */
export interface Placement {
  /** Notes where a tensor is. */
  put(ref: string, device: string, elements: number): void;
  /**
   * The device of the largest input that has one, '' where none has: so a network's forward and backward stay where its variables
   * are, and what crosses over is what is small. Constants and placeholders have none and do not count.
   */
  follow(inputs: readonly string[]): string;
}

/**
 * An empty {@link Placement}.
 *
 * @example
 * const placement = createPlacement();
 * placement.put('w', '/device:GPU:1', 100);
 * placement.follow(['w', 'x']); // '/device:GPU:1'
 */
export const createPlacement = (): Placement => {
  const placed = new Map<string, { readonly device: string; readonly elements: number }>();
  return {
    put: (ref, device, elements) => {
      if (device !== '') placed.set(ref, { device, elements });
    },
    follow: (inputs) => {
      let found = { device: '', elements: -1 };
      for (const ref of inputs) {
        const candidate = placed.get(ref);
        if (candidate !== undefined && candidate.elements > found.elements) found = candidate;
      }
      return found.device;
    },
  };
};

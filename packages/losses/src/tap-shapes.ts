import { CodistillError, type Ends, say } from '@codistill/core';

/**
 * Shapes of one example of a tap at both ends of an edge.
 *
 * @example
 * const shapes: TapShapes = { source: [8, 8, 64], learner: [8, 8, 16] };
 */
export interface TapShapes {
  readonly source: readonly number[];
  readonly learner: readonly number[];
}

/**
 * The shape of one example of a tap at one end.
 *
 * @param loss - name of the term that asks, for the sentence
 * @param at - the tap
 * @param end - shapes on a batch of one
 * @throws CodistillError `TAP_UNKNOWN` where the engine named none
 * @example
 * tapShape('pkt', 'last', { 'tap:last': [1, 8, 8, 16] }); // [8, 8, 16]
 */
export const tapShape = (loss: string, at: string, end: Ends['to']): readonly number[] => {
  const shape = end[`tap:${at}`];
  if (shape === undefined) throw new CodistillError('TAP_UNKNOWN', say.parts.tapUnknown(loss, at, Object.keys(end)));
  return shape.slice(1);
};

/**
 * As {@link tapShape}, once it is certain to be a map.
 *
 * @throws CodistillError `TAP_UNKNOWN`, and `TAP_NO_MAP` where it is not `[height, width, channels]`
 * @example
 * mapShape('simKd', 'last', { 'tap:last': [1, 8, 8, 16] }); // [8, 8, 16]
 */
export const mapShape = (loss: string, at: string, end: Ends['to']): readonly [number, number, number] => {
  const shape = tapShape(loss, at, end);
  if (shape.length !== 3) throw new CodistillError('TAP_NO_MAP', say.losses.mapWanted(loss, at, shape));
  return shape as readonly [number, number, number];
};

/**
 * The shapes of a tap, once it is certain that all lengths but the channels agree.
 *
 * @param loss - name of the term that asks, for the sentence
 * @param at - the tap
 * @param ends - shapes on a batch of one
 * @throws CodistillError `TAP_SIZE` where heights, widths or ranks differ
 * @example
 * tapShapes('hint', 'last', { to: { 'tap:last': [1, 8, 8, 16] }, from: { 'tap:last': [1, 8, 8, 64] } });
 * // { learner: [8, 8, 16], source: [8, 8, 64] }
 */
export const tapShapes = (loss: string, at: string, ends: Ends): TapShapes => {
  const [source, learner] = [tapShape(loss, at, ends.from), tapShape(loss, at, ends.to)];
  if (source.slice(0, -1).join() !== learner.slice(0, -1).join()) {
    throw new CodistillError('TAP_SIZE', say.parts.tapSize(loss, at, source, learner));
  }
  return { source, learner };
};

/**
 * As {@link tapShapes}, and the channels agree too.
 *
 * @throws CodistillError `TAP_SIZE`, and `TAP_WIDTH` where the channels differ
 * @example
 * sameTapShapes('hint', 'last', { to: { 'tap:last': [1, 16] }, from: { 'tap:last': [1, 16] } });
 */
export const sameTapShapes = (loss: string, at: string, ends: Ends): TapShapes => {
  const shapes = tapShapes(loss, at, ends);
  const [source, learner] = [shapes.source.at(-1) ?? 0, shapes.learner.at(-1) ?? 0];
  if (source !== learner) throw new CodistillError('TAP_WIDTH', say.parts.tapWidth(loss, at, source, learner));
  return shapes;
};

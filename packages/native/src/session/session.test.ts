import { describeOnNative } from '@codistill/testkit';
import { DTYPE, type NativeTensor, openSession } from './session.ts';
import { loadAddon } from './load-addon.ts';
import { loadTfjsNode } from './load-tfjs-node.ts';

/** Bytes of protocol buffers: a field with its content. */
const field = (number: number, content: readonly number[] | string): readonly number[] => {
  const bytes = typeof content === 'string' ? [...new TextEncoder().encode(content)] : content;
  return [8 * number + 2, bytes.length, ...bytes];
};
const node = (name: string, op: string, inputs: readonly string[], ...attributes: readonly (readonly number[])[]): readonly number[] =>
  field(1, [...field(1, name), ...field(2, op), ...inputs.flatMap((input) => field(3, input)), ...attributes.flat()]);
const typed = (name: string, type: number): readonly number[] => field(5, [...field(1, name), ...field(2, [6 * 8, type])]);

/** `sum = x + y`, of float32. */
const graph = new Uint8Array([
  ...node('x', 'Placeholder', [], typed('dtype', 1)),
  ...node('y', 'Placeholder', [], typed('dtype', 1)),
  ...node('sum', 'AddV2', ['x', 'y'], typed('T', 1)),
]);
const floats = (...values: readonly number[]): NativeTensor => ({ dtype: DTYPE.float32, shape: [values.length], data: Float32Array.from(values) });

describeOnNative('sessions', [loadTfjsNode, loadAddon], () => {
  it('run what is imported, here and on another thread, and copy what is fed', async () => {
    const session = openSession();
    session.importGraph(graph, 'a');
    const plan = session.plan(['a/x', 'a/y:0'], ['a/sum'], []);
    expect([...(session.run(plan, [floats(1, 2), floats(10, 20)])[0]?.data ?? [])]).toEqual([11, 22]);
    const fed = floats(1, 2, 3);
    const running = session.runAsync(plan, [fed, floats(10, 20, 30)]);
    (fed.data as Float32Array).fill(0);
    const [sum] = await running;
    expect([sum?.dtype, sum?.shape, [...(sum?.data ?? [])]]).toEqual([DTYPE.float32, [3], [11, 22, 33]]);
    session.close();
  });

  it('name their devices', () => {
    const session = openSession();
    expect(session.devices()).toContain('/job:localhost/replica:0/task:0/device:CPU:0');
    session.close();
  });

  it('return metadata where run options ask for it', async () => {
    const session = openSession();
    session.importGraph(graph, 'a');
    const plan = session.plan(['a/x', 'a/y'], ['a/sum'], []);
    // RunOptions { trace_level: FULL_TRACE }
    const { metadata } = await session.runAsync(plan, [floats(1), floats(2)], new Uint8Array([8, 3]));
    expect(metadata?.length).toBeGreaterThan(0);
    session.close();
  });

  it.each([
    ['a graph that is none', () => { openSession().importGraph(new Uint8Array([255]), 'a'); }, /^TensorFlow refuses: \[3\] Invalid GraphDef/],
    ['a configuration that is none', () => { openSession(new Uint8Array([255])); }, /^TensorFlow refuses: \[3\] Unparseable ConfigProto/],
    ['a node that is not there', () => { openSession().plan(['nowhere'], [], []); }, /^TensorFlow refuses: the graph has no node output 'nowhere'$/],
    ['a target that is not there', () => { openSession().plan([], [], ['nowhere']); }, /^TensorFlow refuses: the graph has no node 'nowhere'$/],
    ['a plan that is not there', () => { openSession().run(3, []); }, /^TensorFlow refuses: it has no plan 3, or is closed$/],
  ])('refuse %s', (_, call, sentence) => {
    expect(call).toThrow(sentence);
  });

  it('refuse feeds that do not fit, before TensorFlow sees them', async () => {
    const session = openSession();
    session.importGraph(graph, 'a');
    const plan = session.plan(['a/x', 'a/y'], ['a/sum'], []);
    expect(() => session.run(plan, [floats(1)])).toThrow('TensorFlow refuses: the plan wants 2 feeds but gets 1');
    expect(() => session.run(plan, [floats(1), { ...floats(1), shape: [3] }])).toThrow('TensorFlow refuses: feed 1: 4 bytes are given for 3 elements of 4');
    expect(() => session.run(plan, [floats(1), { ...floats(1), dtype: 7 }])).toThrow('TensorFlow refuses: feed 1: dtype 7 cannot be fed');
    await expect(session.runAsync(plan, [floats(1, 2), floats(1, 2, 3)])).rejects.toThrow(/^TensorFlow refuses: \[3\] /);
    session.close();
  });

  it('are not closed while they run, and closed ones say so', async () => {
    const session = openSession();
    session.importGraph(graph, 'a');
    const plan = session.plan(['a/x', 'a/y'], ['a/sum'], []);
    const running = session.runAsync(plan, [floats(1), floats(2)]);
    expect(() => { session.close(); }).toThrow('TensorFlow refuses: the session is running');
    await running;
    session.close();
    session.close();
    expect(() => session.run(plan, [floats(1), floats(2)])).toThrow('TensorFlow refuses: it has no plan 0, or is closed');
    expect(() => session.devices()).toThrow('TensorFlow refuses: the session is closed');
  });
});

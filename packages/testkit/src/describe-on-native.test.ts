import { describeOnNative } from './describe-on-native.ts';

const said: string[] = [];
const { warn } = console;
console.warn = (sentence: string): void => {
  said.push(sentence);
};
describeOnNative('what needs native TensorFlow', [() => 'loaded', () => { throw new Error('graph_session is not installed\nand more'); }], () => {
  it('never runs', () => {
    throw new Error('it ran');
  });
});
console.warn = warn;

it('is skipped, and says so by name and reason', () => {
  expect(said).toEqual(['SKIPPED: what needs native TensorFlow. Native TensorFlow is not installed (npx codistill-native install): graph_session is not installed']);
});

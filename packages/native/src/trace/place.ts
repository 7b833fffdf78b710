import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { say } from '@codistill/core';
import { engineState } from './native-backend.ts';

/** Where in a step something happened, for sentences. */
type Place = Parameters<typeof say.compile.captured>[0];

/** tfjs runs each operation in a scope of its name with this at its end. */
const OPERATION = /^(\w+)__op$/;

/** Frames of tfjs, of Node, and of the recorder itself. */
const MACHINERY = /[\\/@(]tfjs(?:-\w+)*[\\/](?:src|dist)[\\/]|\(?node:|<anonymous>\)?$|[\\/](?:native|backend)[\\/](?:src|dist)[\\/](?!.*\.test\.)|free-tape-on-throw/;
const LIBRARY = /node_modules[\\/]|[\\/]packages[\\/]\w+[\\/](?:src|dist)[\\/](?!.*\.test\.)/;

const tidied = (frame: string): string => {
  const location = /\(([^()]+)\)$/.exec(frame)?.[1] ?? frame.replace(/^\s*at (?:async )?/, '');
  const [, file, position] = /^(.*?)((?::\d+)*)$/.exec(location) ?? [];
  if (file === undefined) return location;
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  const short = relative(process.cwd(), path);
  return `${short.startsWith('..') ? path : short}${position ?? ''}`;
};

const lineOf = (stack: string): string | undefined => {
  const frames = stack.split('\n').filter((line) => /^\s*at /.test(line) && !MACHINERY.test(line.trim()));
  const frame = frames.find((line) => !LIBRARY.test(line)) ?? frames[0];
  return frame === undefined ? undefined : tidied(frame.trim());
};

/**
 * Where the step is now: the tfjs operation under way, the part it belongs to, and the line that called. The line is worked out
 * when it is asked for.
 *
 * @param op - TensorFlow's name of the operation, for what tfjs's own names do not tell
 * @param part - what the step says it computes
 * @param withLine - whether to remember the line, which takes as long as to record the operation; default true
 * @example
 * const place = placeNow('Mul', undefined);
 */
export const placeNow = (op: string, part: string | undefined, withLine = true): (() => Place) => {
  const names = engineState().scopeStack.map(({ name }) => name);
  const called = names.map((name) => OPERATION.exec(name)?.[1]).find((name) => name !== undefined);
  // Its stack is turned into text when it is asked for: that costs far more than to take it.
  const here = withLine ? new Error() : undefined;
  return () => ({
    op: called === undefined ? `${op}${names.includes('backward') ? ' of a gradient' : ''}` : `tf.${called}`,
    part,
    line: here && lineOf(here.stack ?? ''),
  });
};

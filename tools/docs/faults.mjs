import ts from 'typescript';
import { programOf } from './program.mjs';

/**
 * What the compiler says of examples, each as `file:line: message` with the line in the file that shows the example.
 *
 * @param {ReadonlyMap<string, import('./examples.mjs').Example>} shown - by the path of the module made of it
 * @param {ReadonlyMap<string, string>} modules - path → text, of `asModule`
 * @returns {string[]}
 */
export function faultsOf(shown, modules) {
  const program = programOf([], modules);
  return [...shown].flatMap(([path, { file, line }]) => {
    const source = program.getSourceFile(path);
    if (source === undefined) return [`${file}:${line}: internal: the example was not read`];
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ start = 0, messageText }) => {
      // The example's first line is the module's second.
      const at = line + source.getLineAndCharacterOfPosition(start).line - 1;
      return `${file}:${at}: ${ts.flattenDiagnosticMessageText(messageText, '\n    ')}`;
    });
  });
}

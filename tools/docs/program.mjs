import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { projects, root } from '../scripts/workspace.mjs';

/** @returns {ts.CompilerOptions} */
function options() {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options: base } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const indexes = projects(['packages', 'examples'])
    .map(({ name, folder }) => ({ name, index: join(root, folder, 'src/index.ts') }))
    .filter(({ index }) => existsSync(index));
  return {
    ...base,
    // Packages resolve to source even before npm has linked them.
    paths: Object.fromEntries(indexes.map(({ name, index }) => [name, [index]])),
    types: ['node', 'jest'],
    noEmit: true,
    composite: false,
    incremental: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    // An example shows; it need not use what it shows, nor say which of its imports are types.
    noUnusedLocals: false,
    noUnusedParameters: false,
    verbatimModuleSyntax: false,
  };
}

/**
 * Parsed once for all programs: tfjs alone is a thousand files.
 *
 * @type {Map<string, ts.SourceFile | undefined>}
 */
const parsed = new Map();

/**
 * One program over files of the workspace and files that exist only in memory.
 *
 * @param {readonly string[]} files - absolute paths
 * @param {ReadonlyMap<string, string>} [virtual] - absolute path → text; part of the program too
 * @returns {ts.Program}
 */
export function programOf(files, virtual = new Map()) {
  const settings = options();
  const host = ts.createCompilerHost(settings, true);
  const folders = new Set([...virtual.keys()].map((path) => dirname(path)));
  const { readFile, fileExists, directoryExists, getSourceFile } = host;
  host.readFile = (path) => virtual.get(path) ?? readFile(path);
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.directoryExists = (path) => folders.has(path) || (directoryExists?.(path) ?? true);
  host.getSourceFile = (path, language, ...rest) => {
    const text = virtual.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, language, true);
    if (!parsed.has(path)) parsed.set(path, getSourceFile(path, language, ...rest));
    return parsed.get(path);
  };
  return ts.createProgram([...files, ...virtual.keys()], settings, host);
}

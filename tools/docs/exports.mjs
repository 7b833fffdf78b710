import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';
import { projects, root } from '../scripts/workspace.mjs';

/**
 * Something a package exports and itself declares.
 *
 * @typedef {object} Exported
 * @property {string} name - `say.compose` for a member of a namespace
 * @property {string} kind - function, constant, class, interface or type
 * @property {string} summary - first sentence of its docstring; empty if it has none
 * @property {boolean} hasExample
 * @property {string} file - relative to the root, with forward slashes
 * @property {number} line - from 1
 */

/**
 * A package with an index.
 *
 * @typedef {import('../scripts/workspace.mjs').Project & { index: string }} Library
 */

/** @returns {Library[]} */
export const libraries = () =>
  projects(['packages', 'examples'])
    .filter(({ publishable }) => publishable)
    .map((project) => ({ ...project, index: join(root, project.folder, 'src/index.ts') }))
    .filter(({ index }) => existsSync(index));

/**
 * The first sentence of a text, on one line.
 *
 * @param {string} text
 */
export const firstSentence = (text) => {
  const paragraph = (text.split(/\n\s*\n/)[0] ?? '').replace(/\s+/g, ' ').trim();
  // Not after `e.g.`, `i.e.`, `et al.` or an initial.
  return /^.*?(?<!\b(?:e\.g|i\.e|et al|cf|vs|[A-Z]))[.!?](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph;
};

/**
 * @param {ts.Symbol} symbol
 * @param {ts.Declaration} declaration
 */
function kindOf(symbol, declaration) {
  if (symbol.flags & ts.SymbolFlags.Class) return 'class';
  if (symbol.flags & ts.SymbolFlags.Function) return 'function';
  if (symbol.flags & ts.SymbolFlags.Variable) {
    const { initializer } = /** @type {ts.VariableDeclaration} */ (declaration);
    return initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)) ? 'function' : 'constant';
  }
  return symbol.flags & ts.SymbolFlags.Interface ? 'interface' : 'type';
}

/**
 * The names a module exports, its own and those it passes on.
 *
 * @param {ts.Program} program
 * @param {string} path - absolute
 * @returns {string[]}
 */
export function namesOf(program, path) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path);
  const module = source && checker.getSymbolAtLocation(source);
  return module === undefined ? [] : checker.getExportsOfModule(module).map(({ name }) => name).filter((name) => name !== 'default');
}

/**
 * What a package exports, in alphabetical order. What it passes on from other packages is theirs.
 *
 * @param {ts.Program} program
 * @param {Library} library
 * @returns {Exported[]}
 */
export function exportsOf(program, { index, folder }) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(index);
  const module = source && checker.getSymbolAtLocation(source);
  const own = join(root, folder) + sep;

  /**
   * @param {ts.Symbol} container
   * @param {string} prefix
   * @returns {Exported[]}
   */
  const within = (container, prefix) =>
    checker.getExportsOfModule(container).flatMap((alias) => {
      const symbol = alias.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(alias) : alias;
      const declaration = symbol.declarations?.[0];
      if (declaration === undefined) return [];
      if (ts.isSourceFile(declaration)) return declaration.fileName.startsWith(own) ? within(symbol, `${prefix}${alias.name}.`) : [];
      const file = declaration.getSourceFile();
      if (!file.fileName.startsWith(own)) return [];
      return [
        {
          name: prefix + alias.name,
          kind: kindOf(symbol, declaration),
          summary: firstSentence(ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\{@link ([^}]+)\}/g, '`$1`')),
          hasExample: symbol.getJsDocTags(checker).some((tag) => tag.name === 'example'),
          file: relative(root, file.fileName).split(sep).join('/'),
          line: file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1,
        },
      ];
    });

  return module === undefined ? [] : within(module, '').sort((a, b) => (a.name < b.name ? -1 : 1));
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../scripts/workspace.mjs';

/**
 * TypeScript shown in documentation.
 *
 * @typedef {object} Example
 * @property {string} file - where it is shown, relative to the root
 * @property {number} line - of its first line of code, from 1
 * @property {string} code
 */

/** @param {string} text - code between lines of a fence, if there is one */
const fenced = /^[ \t]*```(?:ts|typescript)[ \t]*\n([\s\S]*?)^[ \t]*```[ \t]*$/gm;

/**
 * The code blocks marked `ts` of a Markdown text.
 *
 * @param {string} file - relative to the root
 * @param {string} text
 * @returns {Example[]}
 */
export const examplesInMarkdown = (file, text) =>
  [...text.matchAll(fenced)].map(({ index, 1: code = '' }) => ({ file, line: text.slice(0, index).split('\n').length + 1, code }));

/**
 * The `@example` blocks of the docstrings of a source file, of whatever they document.
 *
 * @param {string} file - relative to the root
 * @param {string} text
 * @returns {Example[]}
 */
export function examplesInSource(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  /** @type {Set<ts.JSDocTag>} */
  const tags = new Set();
  /** @param {ts.Node} node */
  const visit = (node) => {
    for (const tag of ts.getJSDocTags(node)) if (tag.tagName.text === 'example') tags.add(tag);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...tags]
    .sort((a, b) => a.pos - b.pos)
    .flatMap((tag) => {
      // The raw text, not the parsed comment: only so do lines stay lines.
      const start = tag.tagName.end;
      const lines = text.slice(start, tag.end).split('\n');
      const first = source.getLineAndCharacterOfPosition(start).line + 1;
      // After `@example` itself, each line begins with an asterisk; the last may hold the comment's end.
      const code = lines.map((line, index) => (index === 0 ? line : line.replace(/^\s*\* ?/, '')).replace(/\s*\*?\/?\s*$/, (end) => (end.includes('*/') ? '' : end))).join('\n');
      const blocks = examplesInMarkdown(file, code);
      return blocks.length > 0 ? blocks.map((block) => ({ ...block, line: first + block.line - 1 })) : [{ file, line: first, code }];
    });
}

/**
 * Names an example declares or imports at its top level.
 *
 * @param {string} code
 * @returns {Set<string>}
 */
function declared(code) {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true);
  /** @type {Set<string>} */
  const names = new Set();
  /** @param {ts.Node} node */
  const add = (node) => {
    if (ts.isIdentifier(node)) names.add(node.text);
    else if (ts.isBindingElement(node)) add(node.name);
    else if (ts.isObjectBindingPattern(node) || ts.isArrayBindingPattern(node) || ts.isNamedImports(node)) node.elements.forEach(add);
    else if (ts.isVariableStatement(node)) node.declarationList.declarations.forEach((each) => add(each.name));
    else if (ts.isImportDeclaration(node)) ts.forEachChild(node, add);
    else if (ts.isImportClause(node)) ts.forEachChild(node, add);
    else if (ts.isNamespaceImport(node) || ts.isImportSpecifier(node)) add(node.name);
    else if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) add(node.name);
    else if ((ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && node.name) add(node.name);
  };
  source.statements.forEach(add);
  return names;
}

/**
 * What a source file imports from its own package: module → names.
 *
 * @param {string} text
 * @returns {[string, string[]][]}
 */
export const importsOf = (text) =>
  ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true).statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const named = statement.importClause?.namedBindings;
    const inPackage = statement.moduleSpecifier.text.startsWith('.') && named && ts.isNamedImports(named);
    return inPackage ? [[statement.moduleSpecifier.text, named.elements.filter((each) => !each.propertyName).map((each) => each.name.text)]] : [];
  });

/**
 * An example as a module: what is in scope without being said is imported on its first line, so that the example's own lines
 * begin on the second.
 *
 * @param {string} code
 * @param {ReadonlyMap<string, readonly string[]>} scope - module → names; earlier modules win
 */
export function asModule(code, scope) {
  const taken = declared(code);
  const imports = [...scope].map(([module, names]) => {
    const free = names.filter((name) => !taken.has(name));
    free.forEach((name) => taken.add(name));
    return `import { ${free.join(', ')} } from '${module}';`;
  });
  return `${imports.join(' ')} export {};\n${code}`;
}

/**
 * Reads a file of the workspace and takes out its examples.
 *
 * @param {string} file - relative to the root
 * @returns {Example[]}
 */
export function examplesIn(file) {
  const text = readFileSync(join(root, file), 'utf8');
  return file.endsWith('.md') ? examplesInMarkdown(file, text) : examplesInSource(file, text);
}

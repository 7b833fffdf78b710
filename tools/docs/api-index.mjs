/**
 * docs/api.md: every export of every package, with the first sentence of its docstring.
 *
 * @param {ReadonlyMap<import('./exports.mjs').Library, readonly import('./exports.mjs').Exported[]>} exported
 */
export function apiIndex(exported) {
  const sections = [...exported]
    .filter(([{ folder }, entries]) => folder.startsWith('packages/') && entries.length > 0)
    .map(([{ name, folder, description }, entries]) => {
      const rows = entries.map((entry) => `| [\`${entry.name}\`](../${entry.file}) | ${entry.kind} | ${entry.summary.replaceAll('|', '\\|')} |`);
      return [`## [${name}](../${folder})`, '', `${description}`, '', '| export | kind | what |', '|---|---|---|', ...rows, ''].join('\n');
    });
  return [
    '# Exports',
    '',
    'Written by `npm run docs` from the docstrings. The package `codistill` passes all of them on, except those of `testkit`.',
    '',
    ...sections,
  ].join('\n');
}

import { projects } from '../scripts/workspace.mjs';

const [open, close] = ['<!-- packages -->', '<!-- /packages -->'];

/**
 * README.md with its table of packages brought up to date: one row for each, from its description.
 *
 * @param {string} readme
 * @throws Error where the markers of the table are missing
 */
export function withPackageTable(readme) {
  const from = readme.indexOf(open);
  const to = readme.indexOf(close);
  if (from < 0 || to < from) throw new Error(`README.md: put ${open} and ${close} where the table of packages belongs.`);
  const rows = projects(['packages'])
    .filter(({ publishable }) => publishable)
    .map(({ name, folder, description }) => `| [\`${name}\`](${folder}) | ${description} |`);
  return [readme.slice(0, from) + open, '| package | what |', '|---|---|', ...rows, readme.slice(to)].join('\n');
}

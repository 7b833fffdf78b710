import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodistillError, say } from '@codistill/core/host';
import { parse } from 'csv-parse/sync';

type Row = Readonly<Record<string, string>>;

/**
 * How files are grouped.
 *
 * @example
 * const groups: FileGroups = { by: 'patient', groupOf: (file) => file.slice(0, 4) };
 */
export interface FileGroups {
  /** For the spec: where groups come from. */
  readonly by: string;
  readonly groupOf: (file: string) => string;
}

/** `a/b/c`, `b/c`, `c`: the names a row may call a file by. */
const endings = (file: string): readonly string[] => file.split(/[/\\]/).map((_, at, parts) => parts.slice(at).join('/'));

/**
 * Groups of files from `manifest.csv`: its column called `group` or `…_group`, beside a `file` or `path` column. A row may name its
 * file alone, if no other row does, or with columns `class` and `split`, or by its path.
 *
 * @param root - the folder with the manifest and the images
 * @returns what groups by, and the group of a file by its path below the folder; a file that is not in the manifest is its own group. `undefined` where
 *   there is no manifest, or it has no such columns
 * @throws CodistillError `FILE_DAMAGED`
 * @example
 * const groups = manifestGroups('tiles');
 * const group = groups?.groupOf('train/tumour/1.jpeg');
 */
export const manifestGroups = (root: string): FileGroups | undefined => {
  const path = join(root, 'manifest.csv');
  if (!existsSync(path)) return undefined;
  let rows: readonly Row[];
  try {
    rows = parse(readFileSync(path), { columns: true, skip_empty_lines: true, bom: true, relax_column_count: true });
  } catch (error) {
    throw new CodistillError('FILE_DAMAGED', say.loading.sourceDamaged(path, (error as Error).message), { cause: error });
  }
  const columns = Object.keys(rows[0] ?? {});
  const groupColumn = columns.find((name) => /(^|_)group$/.test(name));
  const fileColumn = columns.find((name) => name === 'file' || name === 'path');
  if (groupColumn === undefined || fileColumn === undefined) return undefined;

  const groups = new Map<string, string>();
  const ambiguous = new Set<string>();
  for (const row of rows) {
    const group = row[groupColumn];
    const whole = [row['split'], row['class'], row[fileColumn]].filter((part) => part !== undefined && part !== '').join('/');
    if (group === undefined || group === '') continue;
    for (const name of endings(whole)) {
      if ((groups.get(name) ?? group) !== group) ambiguous.add(name);
      groups.set(name, group);
    }
  }
  const groupOf = (file: string): string => {
    const known = endings(file).find((name) => groups.has(name) && !ambiguous.has(name));
    return (known === undefined ? undefined : groups.get(known)) ?? file;
  };
  return { by: `manifest.csv:${groupColumn}`, groupOf };
};

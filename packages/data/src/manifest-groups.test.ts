import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestGroups } from './manifest-groups.ts';

const root = mkdtempSync(join(tmpdir(), 'codistill-manifest-'));
afterAll(() => rmSync(root, { recursive: true }));

const groupsOf = (text: string): ((file: string) => string) | undefined => {
  writeFileSync(join(root, 'manifest.csv'), text);
  const found = manifestGroups(root);
  if (found !== undefined) expect(found.by).toMatch(/^manifest\.csv:(source_tile_)?group$/);
  return found?.groupOf;
};

it('rows name files alone, or with their class, or by their path', () => {
  const alone = groupsOf('split,class,file,source_tile_group\ntest,a,1.png,g1\ntrain,a,2.png,g2\n');
  expect(['test/a/1.png', 'train/a/2.png'].map((file) => alone?.(file))).toEqual(['g1', 'g2']);
  const path = groupsOf('path,group\na/1.png,g1\nb/1.png,g2\n');
  expect(['a/1.png', 'b/1.png'].map((file) => path?.(file))).toEqual(['g1', 'g2']);
});

it('two files of one name are told apart by their class', () => {
  const groups = groupsOf('class,file,group\na,1.png,g1\nb,1.png,g2\n');
  expect(['a/1.png', 'b/1.png', 'train/b/1.png'].map((file) => groups?.(file))).toEqual(['g1', 'g2', 'g2']);
});

it('a file that no row names for sure is its own group', () => {
  const groups = groupsOf('file,group\n1.png,g1\n1.png,g2\n2.png,\n');
  expect(['a/1.png', 'a/2.png', 'a/3.png'].map((file) => groups?.(file))).toEqual(['a/1.png', 'a/2.png', 'a/3.png']);
});

it('there are none without such columns, or without a manifest', () => {
  expect(groupsOf('file,source\n1.png,x\n')).toBeUndefined();
  expect(groupsOf('name,group\n1.png,x\n')).toBeUndefined();
  expect(manifestGroups(join(root, 'nowhere'))).toBeUndefined();
});

it('a damaged manifest is named', () => {
  expect(() => groupsOf('file,group\n"1.png,g1\n')).toThrow(/^'.*manifest\.csv' cannot be read \(.*\): check the path and get the file again$/);
});

// npm run example -- <name> [options of the example]; `npm start` is the example 'quickstart'.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { built, ensureInstalled } from './ensure.mjs';
import { node } from './launch.mjs';
import { root } from './workspace.mjs';

const [name, ...options] = process.argv.slice(2);
const folders = readdirSync(join(root, 'examples')).sort();
/** @param {string} folder - `01-quickstart` is called `quickstart` */
const nameOf = (folder) => folder.replace(/^\d+-/, '');
const folder = folders.find((each) => name === each || name === nameOf(each));

if (folder === undefined) {
  console.error(`${name === undefined ? 'Name an example' : `There is no example '${name}'`}: ${folders.map(nameOf).join(', ')}.`);
  process.exit(1);
}
await ensureInstalled();
if (!(await built([`examples/${folder}`]))) process.exit(1);
// Run where the user stands, so that relative paths among the options are the user's.
const { code } = await node([join(root, 'examples', folder, 'dist', 'main.js'), ...options], { cwd: process.env['INIT_CWD'] ?? root });
process.exitCode = code;

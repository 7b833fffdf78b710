// npm run native [-- doctor | uninstall] [--gpu]: codistill-native on this workspace; without a command it installs.
import { join } from 'node:path';
import { built, ensureInstalled } from './ensure.mjs';
import { node } from './launch.mjs';
import { root } from './workspace.mjs';

await ensureInstalled();
if (!(await built(['packages/native']))) process.exit(1);
const given = process.argv.slice(2);
const named = given.some((argument) => !argument.startsWith('-'));
const { code } = await node([join(root, 'packages/native/dist/bin.js'), ...(named ? given : ['install', ...given])]);
process.exitCode = code;

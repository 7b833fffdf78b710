// npm run lint [-- folders]: one eslint process for the whole workspace, since each would load the types of tfjs again.
import { createProjectGraphAsync } from '@nx/devkit';
import { ensureInstalled } from './ensure.mjs';
import { commandOf, node } from './launch.mjs';

await ensureInstalled();
// The rules about packages read Nx's cached graph, and skip themselves if there is none or trust it if it is stale. It cannot be made
// in eslint.config.mjs: making it loads that file.
process.env['NX_DAEMON'] = 'false';
process.env['NX_ISOLATE_PLUGINS'] = 'false';
await createProjectGraphAsync({ exitOnError: true });

const folders = process.argv.slice(2);
const { code } = await node([commandOf('eslint'), ...(folders.length === 0 ? ['.'] : folders), '--max-warnings', '0']);
process.exit(code);

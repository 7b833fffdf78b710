import { parseArgs } from 'node:util';
import { CodistillError, say } from '@codistill/core/host';
import { doctor } from './install/doctor.ts';
import { install } from './install/install.ts';
import { uninstall } from './install/uninstall.ts';

const USAGE = `codistill-native install [--gpu] [--project FOLDER]     brings TensorFlow, builds and links the addons
codistill-native doctor [--gpu] [--project FOLDER]      says what is there and what is missing
codistill-native uninstall [--keep-cache] [--project FOLDER]

CODISTILL_CACHE names the cache (else XDG_CACHE_HOME/codistill, ~/.cache/codistill); PYTHON and CXX name the tools.`;

const COMMANDS: Readonly<Record<string, (options: { readonly gpu: boolean; readonly project: string; readonly keepCache: boolean }) => Promise<number> | number>> = {
  install: async (options) => {
    await install(options);
    return 0;
  },
  doctor: (options) => {
    const findings = doctor(options);
    for (const { what, found, repair } of findings) console.log(`${repair === undefined ? 'ok     ' : 'MISSING'} ${what}: ${found}${repair === undefined ? '' : `\n        → ${repair}`}`);
    return findings.some(({ repair }) => repair !== undefined) ? 1 : 0;
  },
  uninstall: (options) => {
    for (const path of uninstall(options)) console.log(`removed: ${path}`);
    return 0;
  },
};

const main = async (): Promise<number> => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        'gpu': { type: 'boolean', default: false },
        'project': { type: 'string', default: '.' },
        'keep-cache': { type: 'boolean', default: false },
        'help': { type: 'boolean', default: false },
      },
    });
    const name = positionals[0] ?? '';
    const command = COMMANDS[name];
    if (values.help || name === '') {
      console.log(USAGE);
      return 0;
    }
    if (command === undefined) throw new CodistillError('NATIVE_COMMAND', say.native.command(name, Object.keys(COMMANDS)));
    return await command({ gpu: values.gpu, project: values.project, keepCache: values['keep-cache'] });
  } catch (error) {
    // What is not ours and not about the command line is a bug, and wants its stack.
    const isMistake = error instanceof CodistillError || String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
    console.error(isMistake ? `codistill-native: ${(error as Error).message}` : error);
    return 1;
  }
};

process.exitCode = await main();

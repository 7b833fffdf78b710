import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bits, key } from './index.ts';

/** Where TensorFlow runs the steps a process takes seconds to begin, and fewer kills must do. */
const backend = process.env['CODISTILL_TEST_BACKEND'] ?? 'cpu';
const KILLS = backend === 'cpu' ? 25 : 3;

const root = join(import.meta.dirname, '../../..');

/** A user's program: trains, writes a checkpoint every 4 steps, resumes if there is something to go on from. */
const program = `
import { pipeline, mlp, crossEntropy, kd, adam, cosine, rampUp, meanProbabilities } from 'codistill';
import { blobs } from '@codistill/testkit';
const [directory, seed, backend] = process.argv.slice(1);
const model = mlp({ hidden: [48], dropout: 0.3 });
const run = await pipeline(blobs({ examples: 60, batch: 6 }))
  .teacher(mlp({ hidden: [96] })).students({ a: model, b: model })
  .supervise(crossEntropy()).distill(kd({ temperature: 4 }), { weight: rampUp({ epochs: 2 }) }).mutual(kd())
  .optimize(adam({ lr: cosine({ from: 0.01 }) })).ensemble(meanProbabilities()).build();
const speak = { name: 'speak', on: (event) => { console.log(event.type, event.step ?? event.sentence); } };
await run.fit({ epochs: 12, seed: Number(seed), evaluateEvery: 0, listeners: [speak], checkpoints: { directory, everySteps: 4, keep: 3, resume: true } });
process.exit(0);
`;

interface Ended {
  readonly killed: boolean;
  readonly output: string;
}

/** Starts the program and kills it, -9, when told to. */
const train = (directory: string, { seed = 1, killWhen }: { seed?: number; killWhen?: (child: ChildProcess, output: () => string) => void } = {}): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, directory, String(seed)], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '', CODISTILL_BACKEND: backend },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve({ killed: signal === 'SIGKILL', output });
      else reject(new Error(`the program ended with ${String(code)}: ${errors}`));
    });
    killWhen?.(child, () => output);
  });

const newest = (directory: string): Buffer => {
  const name = readdirSync(directory).filter((file) => file.endsWith('.safetensors')).sort().at(-1);
  return readFileSync(join(directory, name ?? ''));
};

/** A checkpoint that is being written. */
const unfinished = (file: string): boolean => file.startsWith('step') && file.endsWith('.unfinished');

describe('a run that is killed', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'codistill-kill-'));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true, force: true });
  });

  it('writes the same bytes for the same seed, and others for another', async () => {
    const directories = ['one', 'two', 'other'].map((name) => join(scratch, name));
    await Promise.all(directories.map((directory, index) => train(directory, { seed: index === 2 ? 2 : 1 })));
    const [one = '', two = '', other = ''] = directories;
    expect(readdirSync(one)).toEqual(readdirSync(two));
    expect(readdirSync(one)).toHaveLength(3);
    for (const name of readdirSync(one)) expect(readFileSync(join(one, name)).equals(readFileSync(join(two, name)))).toBe(true);
    expect(newest(one).equals(newest(other))).toBe(false);
  });

  it(`goes on, after ${KILLS} kills at random moments, to the very same weights`, async () => {
    const directory = join(scratch, 'killed');
    const dice = bits(key(25), 50);
    let kills = 0;
    let inWrite = 0;
    let runs = 0;
    // A run that comes to its end before it is killed starts over: every kill is a resume.
    while (kills < KILLS) {
      if (runs++ > 80) throw new Error('the program ends too quickly to be killed');
      const roll = dice[kills] ?? 0;
      mkdirSync(directory, { recursive: true });
      const { killed } = await train(directory, {
        killWhen: (child, output) => {
          const kill = (): void => {
            child.kill('SIGKILL');
          };
          if (kills % 3 === 0) {
            // As soon as a checkpoint's temporary file is there: inside the write.
            const watcher = watch(directory, (_event, name) => {
              if (unfinished(name ?? '')) kill();
            });
            child.on('close', () => {
              watcher.close();
            });
          } else {
            const steps = 1 + (roll % 9);
            child.stdout?.on('data', () => {
              if (output().split('step ').length > steps) setTimeout(kill, (roll >>> 8) % 6);
            });
          }
        },
      });
      if (killed) {
        kills += 1;
        if (readdirSync(directory).some(unfinished)) inWrite += 1;
      } else rmSync(directory, { recursive: true, force: true });
    }
    expect(inWrite).toBeGreaterThan(0);
    await train(directory);
    expect(newest(directory).equals(newest(join(scratch, 'one')))).toBe(true);
  });

  it('goes on from the checkpoint before a truncated one, and says so', async () => {
    const directory = join(scratch, 'two');
    const name = readdirSync(directory).sort().at(-1) ?? '';
    truncateSync(join(directory, name), 1000);
    const { output } = await train(directory);
    expect(output).toContain(`notice the checkpoint ${join(directory, name)} is damaged (it ends after 1000 bytes): it is left alone and the one before it is used`);
    expect(newest(directory).equals(newest(join(scratch, 'one')))).toBe(true);
  });
});

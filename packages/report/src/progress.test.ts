import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Evaluation, Listener, Spec, TrainingEvent } from '@codistill/core';
import ts from 'typescript';
import { progress } from './index.ts';

/** A stream that keeps what is written to it. */
class Kept extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;

  constructor({ isTTY, columns = 80 }: { isTTY: boolean; columns?: number }) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** What a terminal of `columns` shows after `text`, with rows that scrolled off; throws at an escape sequence it does not know. */
const screen = (text: string, columns: number): string[] => {
  const rows: string[][] = [[]];
  let [x, y] = [0, 0];
  const row = (): string[] => (rows[y] ??= []);
  for (const [token, code = '', command] of text.matchAll(/\u001b\[(\??\d*(?:;\d*)?)([A-Za-z])|[^]/gu)) {
    if (command !== undefined) {
      const n = Number(code || 1);
      if (command === 'A') y -= n;
      else if (command === 'G') x = n - 1;
      else if (command === 'K' && (code === '' || code === '0')) row().length = Math.min(row().length, x);
      else if (command === 'K' && code === '2') row().length = 0;
      else if (command === 'J' && (code === '' || code === '0')) {
        row().length = Math.min(row().length, x);
        rows.length = y + 1;
      } else throw new Error(`unknown escape sequence ${JSON.stringify(token)}`);
    } else if (token === '\n') {
      [x, y] = [0, y + 1];
      row();
    } else if (token === '\r') x = 0;
    else {
      if (x === columns) [x, y] = [0, y + 1];
      while (row().length < x) row().push(' ');
      row()[x] = token;
      x += 1;
    }
  }
  return rows.map((cells) => cells.join('').trimEnd());
};

const evaluation = (accuracies: Readonly<Record<string, number>>, ensemble: number): Evaluation => ({
  split: 'validation',
  examples: 100,
  nodes: Object.fromEntries(Object.entries(accuracies).map(([name, accuracy]) => [name, { numbers: { accuracy, nll: 1 }, tables: {} }])),
  ensemble: { numbers: { accuracy: ensemble }, tables: {} },
  pairs: {},
});

/** Two epochs of eight steps over 1,000 images, with an evaluation, a checkpoint and a notice between them. */
const events = (nodes: readonly string[] = ['teacher', 'small']): TrainingEvent[] => {
  const losses = (step: number) => ({ nodes: Object.fromEntries(nodes.map((node, i) => [node, (i + 1) / step])), edges: {} });
  const steps = (from: number, to: number): TrainingEvent[] =>
    Array.from({ length: to - from + 1 }, (_, i) => ({ type: 'step', step: from + i, epoch: from > 8 ? 1 : 0, examples: 125, losses: losses(from + i) }));
  return [
    {
      type: 'start', spec: {} as Spec, step: 0, steps: 16, stepsPerEpoch: 8, epochs: 2, examples: 1000,
      parameters: Object.fromEntries(nodes.map((node) => [node, 12345])),
    },
    ...steps(1, 8),
    { type: 'epoch', epoch: 0, step: 8, evaluation: evaluation(Object.fromEntries(nodes.map((node, i) => [node, 0.5 + i / 8])), 0.75) },
    { type: 'checkpoint', step: 8, path: 'runs/one/step-8.ckpt' },
    { type: 'notice', code: 'SLOW', sentence: 'the backend is slow.' },
    ...steps(9, 16),
    { type: 'epoch', epoch: 1, step: 16, evaluation: undefined },
    { type: 'end', step: 16, reason: 'finished' },
  ];
};

/** A clock on which every look takes ten milliseconds. */
const ticking = (milliseconds = 10): (() => number) => {
  let now = 0;
  return () => (now += milliseconds);
};

const hear = async (listener: Listener, heard: readonly TrainingEvent[]): Promise<void> => {
  for (const event of heard) await listener.on(event, { stop: () => undefined });
};

/** Times and rates depend on how often the clock is asked: their places are tested, their values in `pace.test.ts`. */
const timeless = (line: string): string => line.replace(/\d+ images\/s/gu, 'R images/s').replace(/\d+:\d\d/gu, 'T');

const STAYING = [
  'training teacher (12,345 parameters), small (12,345 parameters): 2 epochs of 8 steps over 1,000 images',
  'epoch 1/2  in T  loss teacher 0.3397  small 0.6795  accuracy teacher 0.5000  small 0.6250  ensemble 0.7500',
  'checkpoint of step 8: runs/one/step-8.ckpt',
  'the backend is slow.',
  'epoch 2/2  in T  loss teacher 0.0829  small 0.1657',
  'finished after step 16, in T',
];

describe('without a terminal', () => {
  it('writes plain lines: a quarter of an epoch each, epochs, checkpoints, notices', async () => {
    const stream = new Kept({ isTTY: false });
    await hear(progress({ stream, clock: ticking() }), events());
    expect(timeless(stream.text).split('\n')).toEqual([
      STAYING[0],
      'epoch 1/2  step 2/16  loss teacher 0.7500  small 1.5000  R images/s  ETA T',
      'epoch 1/2  step 4/16  loss teacher 0.5208  small 1.0417  R images/s  ETA T',
      'epoch 1/2  step 6/16  loss teacher 0.4083  small 0.8167  R images/s  ETA T',
      ...STAYING.slice(1, 4),
      'epoch 2/2  step 10/16  loss teacher 0.1056  small 0.2111  R images/s  ETA T',
      'epoch 2/2  step 12/16  loss teacher 0.0963  small 0.1927  R images/s  ETA T',
      'epoch 2/2  step 14/16  loss teacher 0.0890  small 0.1779  R images/s  ETA T',
      ...STAYING.slice(4),
      '',
    ]);
  });

  it('writes as often as asked', async () => {
    const stream = new Kept({ isTTY: false });
    await hear(progress({ stream, everySteps: 5 }), events());
    expect(stream.text.match(/step \d+\/16/gu)).toEqual(['step 5/16', 'step 10/16', 'step 15/16']);
  });

  it('says where a resumed run goes on, and why one was stopped', async () => {
    const stream = new Kept({ isTTY: false });
    const [start, ...rest] = events();
    if (start?.type !== 'start') throw new Error('internal: the first event is a start');
    await hear(progress({ stream }), [{ ...start, step: 12 }, ...rest.slice(14, 16), { type: 'end', step: 14, reason: 'stopped', why: 'the loss is low enough' }]);
    const lines = timeless(stream.text).split('\n');
    expect(lines[0]).toBe(`${STAYING[0]}, resumed after step 12`);
    expect(lines.at(-2)).toBe('stopped after step 14, in T: the loss is low enough');
  });

  it('passes on what it hears before a run starts, and nothing of a run it has not seen start', async () => {
    const stream = new Kept({ isTTY: false });
    await hear(progress({ stream }), [{ type: 'notice', code: 'HELLO', sentence: 'using wasm.' }, { type: 'end', step: 1, reason: 'finished' }]);
    expect(stream.text).toBe('using wasm.\n');
  });

  it('hears several runs, one after the other', async () => {
    const stream = new Kept({ isTTY: false });
    const listener = progress({ stream, clock: ticking() });
    await hear(listener, events());
    const { length } = stream.text;
    await hear(listener, events());
    expect(timeless(stream.text.slice(length))).toBe(timeless(stream.text.slice(0, length)));
  });
});

describe('on a terminal', () => {
  it('draws a bar that is gone in the end, above it what stays', async () => {
    const stream = new Kept({ isTTY: true });
    await hear(progress({ stream, clock: ticking(40) }), events());
    // lines may be longer than the terminal is wide: they wrap
    const wrapped = (line: string): string[] => line.match(/.{1,80}/gu)?.map((part) => part.trimEnd()) ?? [];
    expect(screen(stream.text, 80).map(timeless)).toEqual([...STAYING.flatMap((line) => wrapped(line.replace(/T/gu, '0:00'))).map(timeless), '']);
  });

  it('shows epoch, step, rate, time to go, losses and the last accuracies while it runs', async () => {
    const stream = new Kept({ isTTY: true });
    const listener = progress({ stream, clock: ticking(1000) });
    await hear(listener, events().slice(0, 13));
    const before = screen(stream.text, 80);
    expect(before.slice(-3).map(timeless)).toEqual([
      'epoch 2/2  ███████░░░░░ 56 %  step 9/16  R images/s  ETA T',
      'loss teacher 0.1111  small 0.2222',
      'accuracy teacher 0.5000  small 0.6250  ensemble 0.7500',
    ]);
    await hear(listener, [{ type: 'end', step: 9, reason: 'interrupted' }]);
    expect(timeless(screen(stream.text, 80).at(-2) ?? '')).toBe('interrupted after step 9, in T');
  });

  it.each([80, 40, 200])('never draws a line wider than %d columns, and leaves no rest of one', async (columns) => {
    const stream = new Kept({ isTTY: true, columns });
    const nodes = Array.from({ length: 30 }, (_, i) => `student${i}`);
    await hear(progress({ stream, clock: ticking(1000) }), events(nodes).slice(0, 13));
    const live = screen(stream.text, columns).slice(-3);
    expect(live.map((line) => line.slice(0, 8))).toEqual(['epoch 2/', 'loss stu', 'accuracy']);
    expect(screen(stream.text, columns).filter((line) => line.includes('█'))).toHaveLength(1);
    expect(Math.max(...live.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it('hides no cursor and switches no wrapping off, which a run that dies could not undo', async () => {
    const stream = new Kept({ isTTY: true });
    await hear(progress({ stream, clock: ticking(1000) }), events());
    expect(stream.text).not.toContain('\u001b[?');
  });

  it('leaves no timer and no signal handler', async () => {
    const handlers = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
    const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const stream = new Kept({ isTTY: true });
    await hear(progress({ stream, clock: ticking(1000) }), events().slice(0, 13));
    expect(process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout')).toHaveLength(timers);
    expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(handlers);
  });

  it('clears the bar of a run that died when another starts', async () => {
    const stream = new Kept({ isTTY: true });
    const listener = progress({ stream, clock: ticking(1000) });
    await hear(listener, events().slice(0, 5));
    await hear(listener, events());
    expect(screen(stream.text, 80).filter((line) => line.includes('█'))).toEqual([]);
  });
});

const hasScript = spawnSync('script', ['--version']).status === 0;
if (!hasScript) console.warn("SKIPPED on a real pseudo terminal: the command 'script' (util-linux) is absent.");

(hasScript ? describe : describe.skip)('on a real pseudo terminal', () => {
  const folder = fileURLToPath(new URL('../out-tsc/pseudo-terminal/', import.meta.url));
  const source = fileURLToPath(new URL('.', import.meta.url));

  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const compilerOptions: ts.CompilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, rewriteRelativeImportExtensions: true };
    for (const file of readdirSync(source).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))) {
      const { outputText } = ts.transpileModule(readFileSync(source + file, 'utf8'), { compilerOptions });
      writeFileSync(folder + file.replace(/\.ts$/u, '.js'), outputText);
    }
    writeFileSync(
      `${folder}main.js`,
      `import { progress } from './progress.js';
       const listener = progress({ stream: process.stdout });
       const later = (ms) => new Promise((done) => setTimeout(done, ms));
       for (const event of JSON.parse(process.argv[2])) {
         await listener.on(event, { stop: () => undefined });
         if (event.type === 'step') await later(15);
       }
       if (process.argv[3] === 'die') process.exitCode = 3;`,
    );
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const onTerminal = (heard: readonly TrainingEvent[], ...rest: string[]): { text: string; status: number | null } => {
    const quoted = (text: string): string => `'${text.replace(/'/gu, "'\\''")}'`;
    const command = ['stty cols 80 rows 24 &&', quoted(process.execPath), quoted(`${folder}main.js`), quoted(JSON.stringify(heard)), ...rest].join(' ');
    const { stdout, status } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', input: '', timeout: 20_000, env: { ...process.env, NODE_OPTIONS: '' } });
    return { text: stdout, status };
  };

  it('shows the same, and ends clean', () => {
    const { text, status } = onTerminal(events());
    expect(status).toBe(0);
    expect(text).toContain('░');
    const lines = screen(text, 80).map(timeless);
    expect(lines.filter((line) => /[█░]/u.test(line))).toEqual([]);
    expect(lines.slice(-4)).toEqual([STAYING[3], STAYING[4], STAYING[5], '']);
  });

  it('does not keep a process alive whose run died', () => {
    expect(onTerminal(events().slice(0, 5), 'die').status).toBe(3);
  });
});

import { clearScreenDown } from 'node:readline';
import cliProgress from 'cli-progress';

/**
 * Where a display is written: a terminal if `isTTY`, else a file or a pipe.
 *
 * @example
 * const stream: DisplayStream = process.stderr;
 */
export type DisplayStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** A few lines at the bottom of a terminal that are drawn again and again, below lines that stay. */
export interface LiveLines {
  /** Draws the bar with what is written before and after it, and further lines below. */
  draw(bar: { readonly done: number; readonly before: string; readonly after: string }, below: readonly string[]): void;
  /** Puts a line above, to stay. */
  print(line: string): void;
  /** Takes the live lines away. */
  end(): void;
}

/**
 * Opens live lines on a terminal. Nothing needs to be restored if the process dies: the cursor stays visible, wrapping stays on (lines
 * are cut to the width instead), and no timer or signal handler is left behind.
 */
export const liveLines = (stream: DisplayStream, total: number): LiveLines => {
  const bars = new cliProgress.MultiBar({
    stream,
    format: '{text}',
    barsize: 12,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    forceRedraw: true,
    gracefulExit: false,
    hideCursor: false,
    linewrap: true,
  });
  // cli-progress redraws by a timer of its own, which would keep a failed process alive: here events redraw
  const still = (): void => {
    clearTimeout(Reflect.get(bars, 'timer') as NodeJS.Timeout | undefined);
  };
  bars.on('start', still);
  bars.on('update-post', still);
  // a printed line may wrap and reach down into what was drawn before
  bars.on('redraw-pre', () => clearScreenDown(stream));

  const bar = bars.create(total, 0, { before: '', after: '' }, { format: '{before}  {bar} {percentage} %  {after}' });
  const lines: cliProgress.SingleBar[] = [];
  return {
    draw: ({ done, before, after }, below) => {
      bar.update(done, { before, after });
      below.forEach((text, i) => {
        const line = (lines[i] ??= bars.create(1, 0, { text }));
        line.update(0, { text });
      });
      bars.update();
    },
    print: (line) => {
      bars.log(`${line}\n`);
      bars.update();
    },
    end: () => {
      bars.stop();
    },
  };
};

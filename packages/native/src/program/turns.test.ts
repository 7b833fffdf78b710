import { Turns } from './turns.ts';

const after = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('turns', () => {
  it('let readers run beside each other, and writers alone, in the order of calls', async () => {
    const turns = new Turns();
    const log: string[] = [];
    const task = (name: string) => async (): Promise<void> => {
      log.push(`+${name}`);
      await after(5);
      log.push(`-${name}`);
    };
    await Promise.all([turns.together(task('a')), turns.together(task('b')), turns.alone(task('W')), turns.together(task('c')), turns.together(task('d')), turns.alone(task('X')), turns.alone(task('Y'))]);
    expect(log.join(' ')).toBe('+a +b -a -b +W -W +c +d -c -d +X -X +Y -Y');
  });

  it('begin at once where nobody waits', async () => {
    const turns = new Turns();
    let begun = false;
    const turn = turns.alone(async () => {
      begun = true;
      await after(0);
    });
    expect(begun).toBe(true);
    await turn;
  });

  it('go on after one that failed', async () => {
    const turns = new Turns();
    const failed = turns.alone(() => Promise.reject(new Error('no')));
    const next = turns.alone(() => Promise.resolve('yes'));
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
    await expect(turns.together(() => Promise.resolve(1))).resolves.toBe(1);
  });
});

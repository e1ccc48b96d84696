/** Runs ftask on a terminal of its own, where somebody types. Needs script(1) of util-linux. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {MAIN} from './ftask.ts';

/** Why no terminal can be made here. */
export const noTerminal: string | false = existsSync('/usr/bin/script') ? false : 'needs script (bsdutils)';

export interface Typed {
  readonly code: number | null;
  /** All that the terminal showed. */
  readonly shown: string;
}

/** Runs ftask with `HOME` at `cwd`; each answer is typed as soon as its question is shown. */
export async function typeInto(
  cwd: string,
  args: readonly string[],
  answers: readonly (readonly [RegExp, string])[],
  env: NodeJS.ProcessEnv = {},
): Promise<Typed> {
  const words = [process.execPath, MAIN, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  const child = spawn('script', ['-qefc', words.join(' '), '/dev/null'], {
    cwd,
    env: {PATH: process.env['PATH'], HOME: cwd, SHELL: '/bin/sh', TERM: 'xterm', ...env},
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = [...answers];
  let shown = '';
  let unread = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    unread += text;
    const [question, answer] = waiting[0] ?? [];
    if (!question?.test(unread)) return;
    waiting.shift();
    unread = '';
    child.stdin.write(`${answer}\r`);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return {code, shown};
}

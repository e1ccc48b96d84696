/** Who types at a terminal: each command is shown, runs in a home of its own, and is told when somebody loses patience. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmod, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {styleText} from 'node:util';
import type {TestHost} from '../app/host/host.ts';
import {MAIN} from '../e2e/ftask.ts';

export interface Operator {
  /** Runs a command by the shell, as typed; its output is shown. @throws Error when it fails or is interrupted */
  type(command: string): Promise<void>;
  remove(): Promise<void>;
}

/** An operator whose ~/.ssh/config has this host. An interrupt goes to the command that runs. */
export async function operatorOf(host: TestHost, interrupt: AbortSignal): Promise<Operator> {
  const home = await mkdtemp(join(tmpdir(), 'ftask-demo-'));
  await mkdir(join(home, '.ssh'), {mode: 0o700});
  await writeFile(join(home, '.ssh/config'), `${host.sshConfig()}\n`, {mode: 0o600});
  const bin = join(home, '.local/bin');
  await mkdir(bin, {recursive: true});
  await chmod(MAIN, 0o755);
  await symlink(MAIN, join(bin, 'ftask'));
  const {TERM, TMPDIR} = process.env;
  const env = {PATH: `${bin}:${process.env['PATH']}`, HOME: home, TERM, TMPDIR};
  return {
    type: async (command) => {
      interrupt.throwIfAborted();
      say(`$ ${command}`, 'bold');
      // In a group of its own, Ctrl-C at the terminal does not reach it twice.
      const child = spawn('sh', ['-c', command], {
        cwd: home,
        env,
        stdio: ['ignore', 'inherit', 'inherit'],
        detached: true,
      });
      const code = await endOf(child, interrupt);
      interrupt.throwIfAborted();
      if (code !== 0) throw new Error(`exit code ${code}: ${command}`);
      say('');
    },
    remove: () => rm(home, {recursive: true, force: true}),
  };
}

/** Writes a line. */
export function say(text: string, style?: 'bold' | 'green'): void {
  process.stdout.write(`${style && process.stdout.isTTY ? styleText(style, text) : text}\n`);
}

async function endOf(child: ChildProcess, interrupt: AbortSignal): Promise<number | null> {
  const stop = () => {
    try {
      process.kill(-Number(child.pid), 'SIGINT');
    } catch {
      // It has just ended by itself.
    }
  };
  interrupt.addEventListener('abort', stop);
  const [code] = (await once(child, 'exit')) as [number | null];
  interrupt.removeEventListener('abort', stop);
  return code;
}

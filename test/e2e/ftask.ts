/** Runs the built `ftask` as a user would: a process of its own, in a folder of its own. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {atEnd} from '../ssh/at-end.ts';

export const MAIN = join(import.meta.dirname, '../../dist/main.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The words of stdout. */
  readonly ids: readonly string[];
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

const folders: string[] = [];
atEnd(async () => {
  for (const folder of folders) await rm(folder, {recursive: true, force: true});
});

/** A new empty folder, removed at the end of the test file. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-test-'));
  folders.push(folder);
  return folder;
}

/** Runs ftask to its end. Nothing of the tester's own AWS account or configuration is seen by it. */
export function ftask(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return start(cwd, args, env).ended;
}

/** Starts ftask and leaves it running. */
export function start(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: cwd,
      XDG_CACHE_HOME: join(tmpdir(), 'ftask-test-cache'),
      AWS_EC2_METADATA_DISABLED: 'true',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return {process: child, ended: end(child)};
}

async function end(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return {code, signal, stdout, stderr, ids: stdout.split(/\s+/).filter(Boolean)};
}

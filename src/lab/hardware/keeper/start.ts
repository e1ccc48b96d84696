/** Starts a keeper: the process that owns a lab's hardware, detached, in namespaces that end with it. */
import {type ChildProcess, spawn} from 'node:child_process';
import {closeSync, mkdirSync, openSync, readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {FtaskError, RefusedError, UsageError} from '../../../errors.ts';
import {liveHolder} from '../../lock.ts';
import {hardwareFolder, keeperLog} from '../places.ts';
import {keeperNamespaces, type Propagation} from './namespaces.ts';
import {STATE_VARIABLE} from './processes.ts';

const POLL_MS = 25;
/** By the exit code of the keeper. */
const KINDS: Readonly<Record<number, typeof FtaskError>> = {2: UsageError, 4: RefusedError};

export interface KeeperRequest {
  readonly stateDir: string;
  /** The lab file. */
  readonly file?: string | undefined;
  readonly propagation: Propagation;
  readonly signal: AbortSignal;
}

/**
 * Resolves when all instances run, with the lab's address. When this process ends before that, or the signal is
 * aborted, the keeper gives up by itself and nothing is left. @throws FtaskError LabNotUp with what the keeper said
 */
export async function startKeeper(request: KeeperRequest): Promise<string> {
  const {stateDir, signal} = request;
  const child = launch(request);
  let exitCode: number | undefined;
  const ended = new Promise<number>((done) => {
    child.once('close', (code) => done(code ?? 1));
    child.once('error', () => done(1));
  }).then((code) => {
    exitCode = code;
    return code;
  });
  while (exitCode === undefined && !signal.aborted) {
    const holder = await liveHolder(stateDir);
    if (holder?.url !== undefined && holder.pid === child.pid) {
      child.stdin?.destroy();
      child.unref();
      return holder.url;
    }
    await Promise.race([delay(POLL_MS), ended]);
  }
  child.stdin?.destroy();
  const code = await ended;
  signal.throwIfAborted();
  throw whyNot(stateDir, code);
}

function launch({stateDir, file, propagation}: KeeperRequest): ChildProcess {
  mkdirSync(hardwareFolder(stateDir), {recursive: true});
  const log = openSync(keeperLog(stateDir), 'w');
  const ftask = [process.execPath, ...process.execArgv, resolve(process.argv[1] ?? '')];
  const namespaces = keeperNamespaces(propagation);
  const words = ['lab_serve', '--port', '0', ...(file === undefined ? [] : ['--file', file])];
  // The process that waits for the keeper outside of its namespaces is the one that others know: this shell's.
  const script = 'exec "$@" --hardware $$';
  const child = spawn('sh', ['-c', script, 'sh', 'unshare', ...namespaces, ...ftask, ...words], {
    // A folder that nobody wants to remove or unmount.
    cwd: '/',
    env: {...process.env, [STATE_VARIABLE]: stateDir},
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  child.stdin?.on('error', () => {});
  return child;
}

/** What the keeper said last, as the error of the same exit code. */
function whyNot(stateDir: string, exitCode: number): FtaskError {
  const log = keeperLog(stateDir);
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const own = lines.filter((line) => line.startsWith('ftask: ')).map((line) => line.slice('ftask: '.length));
  const hint = lines.findLast((line) => line.startsWith('  hint: '))?.slice('  hint: '.length);
  const said = own.length > 0 ? own.join('\n') : (lines.at(-1) ?? 'its keeper ended without a word');
  const {[exitCode]: Kind = FtaskError} = KINDS;
  return new Kind('LabNotUp', `the lab does not start: ${said}`, {hint: hint ?? `${log} has it all`});
}

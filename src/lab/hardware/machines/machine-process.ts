/** The processes of an instance: an sshd and what it starts, in namespaces of their own. */
import {type ChildProcessByStdio, spawn} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import type {Readable, Writable} from 'node:stream';
import {setTimeout as delay} from 'node:timers/promises';
import {FtaskError} from '../../../errors.ts';
import {ENVIRONMENT} from '../run.ts';
import {bootArguments} from './boot-script.ts';
import {thawAll} from './thaw.ts';

export interface MachineProcess {
  /** `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Thaws what is frozen and shuts down; what does not heed that is killed. May be called twice. */
  stop(): Promise<void>;
}

export interface Boot {
  readonly id: string;
  /** The folder that `prepareStage` has made, with a `/dev`. */
  readonly stage: string;
  /** The root disk under that `/dev`. */
  readonly rootNode: string;
  /** Wires the instance, named by one of its processes, to the network. */
  connect(pid: number): Promise<void>;
}

const BOOT_LIMIT_MS = 20_000;
const SHUTDOWN_LIMIT_MS = 3000;
const CONSOLE_CHARACTERS = 2000;
const NAMESPACES = ['--net', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child=SIGKILL'];

/** Starts an instance. @throws FtaskError with the end of its console when it ends first, or no sshd listens in time */
export async function bootProcess({id, stage, rootNode, connect}: Boot): Promise<MachineProcess> {
  const words = [...NAMESPACES, '--propagation', 'unchanged', 'sh', ...bootArguments(stage, rootNode)];
  const child = spawn('unshare', words, {env: {...ENVIRONMENT, HOME: '/root'}, stdio: 'pipe'});
  const told = consoleOf(child);
  const said = linesOf(child.stdout);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  try {
    const pid = Number(await said('pid'));
    const [key, wired] = await Promise.allSettled([said('key'), connect(pid)]);
    if (key.status === 'rejected') throw key.reason;
    if (wired.status === 'rejected') throw wired.reason;
    child.stdin.write('the network is there\n');
    await listening(child, pid);
    const [type, blob] = key.value.split(' ');
    return {hostKey: `${type} ${blob}`, ended, stop: () => stop({child, ended, pid, stage})};
  } catch (error) {
    child.kill('SIGKILL');
    await ended;
    const message = `lab hardware: instance ${id} does not start: ${told() || String(error)}`;
    throw new FtaskError('InstanceNotStarted', message, {cause: error});
  }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Keeps the end of what the instance says on its console, which must be read, else it would stop. */
function consoleOf(child: Child): () => string {
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    tail = (tail + chunk).slice(-CONSOLE_CHARACTERS);
  });
  child.once('error', (error) => {
    tail += error.message;
  });
  child.stdin.on('error', () => {});
  return () => tail.trim().replaceAll('\n', '; ');
}

/** Reads what the script says, one line a call: a word and what it tells. */
function linesOf(stdout: Readable): (word: string) => Promise<string> {
  const lines = createInterface({input: stdout})[Symbol.asyncIterator]();
  return async (word) => {
    const {value, done} = await lines.next();
    if (done || !value.startsWith(`${word} `)) throw new Error(`it ended before it told its ${word}`);
    return value.slice(word.length + 1);
  };
}

/** Resolves when a process listens on port 22 in the namespace of `pid`; asked of the kernel, since sshd counts callers. */
async function listening(child: Child, pid: number): Promise<void> {
  for (const start = performance.now(); performance.now() - start < BOOT_LIMIT_MS; await delay(4)) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error('it ended before sshd listened');
    const sockets = await readFile(`/proc/${pid}/net/tcp`, 'utf8');
    if (LISTENS_ON_22.test(sockets)) return;
  }
  throw new Error(`no sshd listened within ${BOOT_LIMIT_MS / 1000} s`);
}

const LISTENS_ON_22 = /^ *\d+: [0-9A-F]{8}:0016 00000000:0000 0A /m;

interface Running {
  readonly child: Child;
  readonly ended: Promise<void>;
  readonly pid: number;
  readonly stage: string;
}

async function stop({child, ended, pid, stage}: Running): Promise<void> {
  // One that is gone cannot be entered.
  await thawAll(pid, join(stage, 'root')).catch(() => {});
  child.stdin.end();
  const limit = new AbortController();
  await Promise.race([ended, delay(SHUTDOWN_LIMIT_MS, undefined, {signal: limit.signal}).catch(() => {})]);
  limit.abort();
  child.kill('SIGKILL');
  await ended;
}

/** The first process of a host, and with it all others: it starts, it is wired, it ends. */
import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {bootArguments, forgetArguments} from './boot.ts';
import {layWire, type Wire} from './wire.ts';

const run = promisify(execFile);

export interface Init extends Omit<Wire, 'remove'> {
  /** As this machine counts. */
  readonly pid: number;
  /** Kills all processes of the host. */
  end(): Promise<void>;
}

/**
 * Boots the host of a folder, until its sshd listens; with the pid that it had before it has that one's address. Should
 * these tests be killed, it goes with them. @throws Error
 */
export async function boot(stage: string, before?: number): Promise<Init> {
  const group = `ftask-${randomBytes(6).toString('hex')}`;
  const words = ['--pdeathsig=KILL', 'unshare', ...bootArguments(stage, group)];
  const child = spawn('setpriv', words, {stdio: ['ignore', 'pipe', 'pipe']});
  const pid = await pidOf(child);
  let unplug = async () => {};
  const end = async () => {
    await ended(child, pid);
    await unplug();
    await run('unshare', forgetArguments(stage, group));
  };
  try {
    const {remove, ...wire} = await layWire(pid, before ?? pid);
    unplug = remove;
    await listening(child, pid);
    return {...wire, pid, end};
  } catch (error) {
    await end();
    throw error;
  }
}

/** What the script says first. */
async function pidOf(child: ChildProcess): Promise<number> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  for await (const chunk of child.stdout ?? []) {
    const pid = Number(/^pid (\d+)\n/.exec(String(chunk))?.[1]);
    if (pid) return pid;
  }
  throw new Error(`the host did not start: ${said}`);
}

async function listening(child: ChildProcess, pid: number): Promise<void> {
  for (let tries = 0; tries < 1000 && child.exitCode === null; tries += 1) {
    if (LISTENS_ON_22.test(await readFile(`/proc/${pid}/net/tcp`, 'utf8'))) return;
    await delay(20);
  }
  throw new Error('the host has no sshd that listens');
}

const LISTENS_ON_22 = /^ *\d+: [0-9A-F]{8}:0016 00000000:0000 0A /m;

/** With its first process all of a host's are gone, and only then is what waits for that one. */
async function ended(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  process.kill(pid, 'SIGKILL');
  await exit;
}

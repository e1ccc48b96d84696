/** A host of the test's own: systemd, a journal, sshd and sudo, in namespaces of its own on this machine. Needs root. */
import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {existsSync} from 'node:fs';
import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {atEnd} from '../../ssh/at-end.ts';
import {makeKey, noSshd, notRoot} from '../../ssh/sshd.ts';
import {bootArguments, forgetArguments} from './boot.ts';
import {makeRoot} from './root.ts';
import {layWire, type Wire} from './wire.ts';

const run = promisify(execFile);

const PROGRAMS = ['/lib/systemd/systemd', '/usr/bin/sudo', '/usr/bin/nsenter', '/usr/bin/setpriv'];
const missing = PROGRAMS.find((program) => !existsSync(program));

/** Why no host can be made here. */
export const noHost: string | false = notRoot || noSshd || (missing ? `needs ${missing}` : false);

export interface HostOptions {
  readonly name?: string;
  /** Commands that it lacks: `['zstd', 'age']`. */
  readonly without?: readonly string[];
}

export interface AsOptions {
  /** A user of the host; root by default. */
  readonly user?: string;
  readonly input?: string | Uint8Array;
}

export interface TestHost extends Wire {
  readonly name: string;
  /** Its systemd, as this machine counts. */
  readonly pid: number;
  /** Private key of root and admin. */
  readonly identity: string;
  /** Has its key under `*`. */
  readonly knownHosts: string;
  /** A file of it under this machine's name; what is mounted in it is seen as well, while it runs. */
  file(path: string): string;
  /** Runs a script by `sh -eu` in it, without SSH, and gives its output. @throws when it fails, with what it said */
  sh(script: string, options?: AsOptions): Promise<string>;
  /** Writes a file in it; what is above it is made as root's. */
  write(path: string, content: string, owner?: string, mode?: string): Promise<void>;
  /** Where to log in: in the words of ssh_config, for the user given, admin by default. */
  sshConfig(user?: string): string;
  remove(): Promise<void>;
}

/** Starts a host; it is removed at the end of the test file. */
export async function startHost(options: HostOptions = {}): Promise<TestHost> {
  const host = await openHost(options);
  atEnd(host.remove);
  return host;
}

/** The same outside of a suite: `remove` is the caller's. */
export async function openHost({name = 'web1', without = []}: HostOptions = {}): Promise<TestHost> {
  const stage = await mkdtemp(join(tmpdir(), 'ftask-host-'));
  await chmod(stage, 0o755);
  const identity = await makeKey(stage, 'client');
  await makeRoot(stage, {name, without, authorizedKey: await readFile(`${identity}.pub`, 'utf8')});
  const knownHosts = join(stage, 'known_hosts');
  const hostKey = await readFile(join(stage, 'root/etc/ssh/ssh_host_ed25519_key.pub'), 'utf8');
  await writeFile(knownHosts, `* ${hostKey}`);
  const group = `ftask-${randomBytes(6).toString('hex')}`;
  // Should these tests be killed, it goes with them.
  const words = ['--pdeathsig=KILL', 'unshare', ...bootArguments(stage, group)];
  const child = spawn('setpriv', words, {stdio: ['ignore', 'pipe', 'pipe']});
  let pid: number | undefined;
  const remove = async () => {
    await end(child, pid);
    await run('unshare', forgetArguments(stage, group));
    await rm(stage, {recursive: true, force: true});
  };
  try {
    pid = await pidOf(child);
    const systemd = pid;
    const wire = await layWire(systemd);
    await listening(child, systemd);
    const sshConfig = (user = 'admin') =>
      [
        `Host ${name}`,
        `HostName ${wire.address}`,
        `User ${user}`,
        `IdentityFile ${identity}`,
        'IdentitiesOnly yes',
        `UserKnownHostsFile ${knownHosts}`,
      ].join('\n  ');
    const file = (path: string) => join(`/proc/${systemd}/root`, path);
    const sh = (script: string, as?: AsOptions) => runIn(systemd, script, as);
    const write = async (path: string, input: string, owner = 'root', mode = '0644') =>
      void (await sh(`cat | install -D -o ${owner} -g ${owner} -m ${mode} /dev/stdin '${path}'`, {input}));
    return {...wire, name, pid: systemd, identity, knownHosts, file, sh, write, sshConfig, remove};
  } catch (error) {
    await remove();
    throw error;
  }
}

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

async function runIn(
  pid: number,
  script: string,
  {user = 'root', input = ''}: AsOptions = {},
): Promise<string> {
  const inside = [
    '--target',
    `${pid}`,
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    '--pid',
    '--cgroup',
    '--root',
    '--wd',
  ];
  const as = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--reset-env', 'env'];
  const words = [...inside, ...as, `PATH=${PATH}`, 'sh', '-euc', script];
  const running = run('nsenter', words, {maxBuffer: 2 ** 28});
  // A script that does not read ends without taking it.
  running.child.stdin?.on('error', () => {});
  running.child.stdin?.end(input);
  return (await running).stdout;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** With its first process all of a host's are gone, and only then is what waits for that one. */
async function end(child: ChildProcess, pid: number | undefined): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (pid === undefined) child.kill('SIGKILL');
  else process.kill(pid, 'SIGKILL');
  await ended;
}

/** A host of the test's own: systemd, a journal, sshd and sudo, in namespaces of its own on this machine. Needs root. */
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {atEnd} from '../../ssh/at-end.ts';
import {makeKey, noSshd, notRoot} from '../../ssh/sshd.ts';
import {boot} from './init.ts';
import {makeRoot} from './root.ts';
import type {Wire} from './wire.ts';

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

export interface TestHost extends Omit<Wire, 'remove'> {
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
  /** Its power fails and comes back: what was on its disk is there, its pid is another one and its address is not. */
  reboot(): Promise<void>;
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
  const first = await boot(stage);
  let init = first;
  const sh = (script: string, as?: AsOptions) => runIn(init.pid, script, as);
  const remove = async () => {
    await init.end();
    await rm(stage, {recursive: true, force: true});
  };
  return {
    ...{name, identity, knownHosts, sh, remove},
    get pid() {
      return init.pid;
    },
    get address() {
      return init.address;
    },
    cut: () => init.cut(),
    mend: () => init.mend(),
    reboot: async () => {
      await init.end();
      init = await boot(stage, first.pid);
    },
    file: (path) => join(`/proc/${init.pid}/root`, path),
    write: async (path, input, owner = 'root', mode = '0644') =>
      void (await sh(`cat | install -D -o ${owner} -g ${owner} -m ${mode} /dev/stdin '${path}'`, {input})),
    sshConfig: (user = 'admin') =>
      [
        `Host ${name}`,
        `HostName ${init.address}`,
        `User ${user}`,
        `IdentityFile ${identity}`,
        'IdentitiesOnly yes',
        `UserKnownHostsFile ${knownHosts}`,
      ].join('\n  '),
  };
}

async function runIn(
  pid: number,
  script: string,
  {user = 'root', input = ''}: AsOptions = {},
): Promise<string> {
  const inside = ['--target', `${pid}`, '--all', '--root', '--wd'];
  const as = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--reset-env', 'env'];
  const words = [...inside, ...as, `PATH=${PATH}`, 'sh', '-euc', script];
  const running = run('nsenter', words, {maxBuffer: 2 ** 28});
  // A script that does not read ends without taking it.
  running.child.stdin?.on('error', () => {});
  running.child.stdin?.end(input);
  return (await running).stdout;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A real OpenSSH server of the test's own, with fresh host keys and one client key that it lets in. */
import {type ChildProcess, execFile, execFileSync, spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {atEnd} from './at-end.ts';

const run = promisify(execFile);
const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find((path) => existsSync(path));

/** Why no server can be started here: the `skip` of a suite that needs one. */
export const noSshd: string | false = SSHD ? false : 'needs an OpenSSH server (openssh-server)';

/** Why a suite that needs root cannot run here. */
export const notRoot: string | false = process.getuid?.() === 0 ? false : 'needs root';

export interface SshdOptions {
  /** More lines of sshd_config(5); they come first, so they win. */
  readonly config?: readonly string[];
  /** Where it listens; all of 127.0.0.0/8 by default, so that 127.0.0.1 to 127.0.0.100 are a hundred hosts. */
  readonly listen?: string;
  /** A network namespace that it lives in. */
  readonly netns?: string;
  readonly hostKeys?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
}

export interface TestSshd {
  readonly port: number;
  /** The server's own folder: keys, configuration, what a test adds. */
  readonly folder: string;
  /** Private key of the client; its public key is in `authorizedKeys`, for every user. */
  readonly identity: string;
  readonly authorizedKeys: string;
  /** A known_hosts file that has this server under `*`. */
  readonly knownHosts: string;
  /** What the server said so far (LogLevel VERBOSE). */
  readonly log: () => string;
  /** Ends the listening process; sessions that are open live on, as with `systemctl restart ssh`. */
  stop(): Promise<void>;
  /** Kills the server and every session of it, with what runs in them. */
  kill(): Promise<void>;
  /** Kills what serves connections, not what listens, nor what runs in the sessions. */
  killSessions(): void;
  /**
   * Writes an ssh_config in which each name is a host of this server, and returns its path:
   * `{web1: '127.0.0.1'}`. `lines` are added to every host.
   */
  clientConfig(hosts: Readonly<Record<string, string>>, lines?: readonly string[]): Promise<string>;
}

/** Starts a server; it is killed and its folder removed at the end of the test file. */
export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  const server = await openSshd(options);
  atEnd(server.remove);
  return server;
}

/** The same outside of a suite: `remove` is the caller's. */
export async function openSshd(options: SshdOptions = {}): Promise<TestSshd & {remove(): Promise<void>}> {
  const {listen = '0.0.0.0', netns, hostKeys = ['ed25519']} = options;
  const folder = await mkdtemp(join(tmpdir(), 'ftask-sshd-'));
  await chmod(folder, 0o755); // sshd reads the authorized keys as the user who logs in.
  const port = netns ? 22 : await freePort();
  const identity = await makeKey(folder, 'client');
  const authorizedKeys = join(folder, 'authorized_keys');
  await writeFile(authorizedKeys, await readFile(`${identity}.pub`), {mode: 0o644});
  const hostKeyFiles = await Promise.all(hostKeys.map((type) => makeKey(folder, `host_${type}`, type)));
  const knownHosts = join(folder, 'known_hosts');
  for (const file of hostKeyFiles) {
    const [type, key] = (await readFile(`${file}.pub`, 'utf8')).split(' ');
    await appendFile(knownHosts, `* ${type} ${key}\n`);
  }
  const home = join(folder, 'home');
  await mkdir(home);
  const configFile = join(folder, 'sshd_config');
  await writeFile(
    configFile,
    [
      ...(options.config ?? []),
      `ListenAddress ${listen}`,
      `Port ${port}`,
      ...hostKeyFiles.map((file) => `HostKey ${file}`),
      `AuthorizedKeysFile ${authorizedKeys}`,
      'PermitRootLogin yes',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'Subsystem sftp internal-sftp',
      'PidFile none',
      'PrintMotd no',
      'LogLevel VERBOSE',
      // Under sshd bash reads ~/.bashrc for every command, and that of whoever runs the tests may take seconds.
      `Match User ${userInfo().username}`,
      `SetEnv HOME=${home}`,
      '',
    ].join('\n'),
  );
  await mkdir('/run/sshd', {recursive: true, mode: 0o755}).catch(() => {});

  const command = [
    ...(netns ? ['nsenter', `--net=/run/netns/${netns}`] : []),
    SSHD ?? 'sshd',
    '-D',
    '-e',
    '-f',
    configFile,
  ];
  // A group of its own, so that the whole of it can be killed.
  const child = spawn(command[0] ?? '', command.slice(1), {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const kill = async () => {
    killEach(familyOf(({args}) => args.includes(configFile)));
    await ended(child);
  };
  const remove = async () => {
    await kill();
    await rm(folder, {recursive: true, force: true});
  };
  await listening(child, () => said).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    remove,
    port,
    folder,
    identity,
    authorizedKeys,
    knownHosts,
    log: () => said,
    stop: async () => {
      child.kill('SIGTERM');
      await ended(child);
    },
    kill,
    killSessions: () => {
      const sessions = familyOf(({pid}) => pid === child.pid).filter(({pid}) => pid !== child.pid);
      killEach(sessions.filter(({args}) => args.startsWith('sshd')));
    },
    clientConfig: async (hosts, lines = []) => {
      const file = join(folder, `ssh_config_${Math.random().toString(36).slice(2)}`);
      const blocks = Object.entries(hosts).map(([name, address]) =>
        [
          `Host ${name}`,
          `HostName ${address}`,
          `Port ${port}`,
          `User ${userInfo().username}`,
          `IdentityFile ${identity}`,
          'IdentitiesOnly yes',
          `UserKnownHostsFile ${knownHosts}`,
          ...lines,
        ].join('\n  '),
      );
      await writeFile(file, `${blocks.join('\n\n')}\n`, {mode: 0o600});
      return file;
    },
  };
}

/** Makes a key pair without a passphrase, or with one, and returns the private key's path. */
export async function makeKey(
  folder: string,
  name: string,
  type = 'ed25519',
  passphrase = '',
): Promise<string> {
  const file = join(folder, name);
  await run('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', file]);
  return file;
}

/** A TCP port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '0.0.0.0');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function listening(child: ChildProcess, said: () => string): Promise<void> {
  for (let tries = 0; tries < 200 && child.exitCode === null; tries += 1) {
    if (said().includes('Server listening on')) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`sshd did not start:\n${said()}`);
}

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly args: string;
}

/** Sessions are processes of their own in their own groups: they are found by the server that started them. */
function familyOf(isHead: (row: Row) => boolean): Row[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], {encoding: 'utf8'})
    .split('\n')
    .map((line) => line.trim().match(/^(\d+)\s+(\d+)\s+(.*)$/))
    .filter((match) => match !== null)
    .map(([, pid, parent, args]): Row => ({pid: Number(pid), parent: Number(parent), args: args ?? ''}));
  const family = new Set(rows.filter(isHead));
  // A Set gives what is added while it is walked through, too.
  for (const {pid} of family) {
    for (const row of rows) if (row.parent === pid) family.add(row);
  }
  return [...family];
}

function killEach(rows: readonly Row[]): void {
  for (const {pid} of rows) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

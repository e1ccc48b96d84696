/** Pools of connections for tests, configured by an ssh_config file only. */
import {randomUUID} from 'node:crypto';
import {writeFile} from 'node:fs/promises';
import {userInfo} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import type {Channel, Exit, OpenOptions, Transport} from '../../src/host/transport.ts';
import type {SshOption} from '../../src/ssh/config/ssh-config.ts';
import {openSshPool, type SshPool, type SshPoolOptions} from '../../src/ssh/pool.ts';
import {parseTarget} from '../../src/ssh/target.ts';
import {atEnd} from './at-end.ts';
import {sshConfig} from './config/open.ts';
import type {TestSshd} from './sshd.ts';

export interface TestPool extends SshPool {
  /** The transport to a host of the configuration. */
  to(name: string): Transport;
  /** What the pool told about what it passed over. */
  readonly notes: readonly string[];
}

export interface TestPoolOptions extends Partial<SshPoolOptions> {
  /** `StrictHostKeyChecking accept-new`, for every host. */
  readonly said?: readonly string[];
}

/** A pool that is closed at the end of the test file. */
export async function poolOf(
  configFile: string,
  {said = [], ...options}: TestPoolOptions = {},
): Promise<TestPool> {
  const config = await sshConfig({file: configFile, env: {}});
  const settings: readonly SshOption[] = said.map((setting) => ({setting, origin: 'test'}));
  const notes: string[] = [];
  const pool = openSshPool({
    resolve: (target) => config.resolve(target, settings),
    knownHosts: config.knownHosts,
    note: (words) => notes.push(words),
    ...options,
  });
  atEnd(() => pool.close());
  return {...pool, notes, to: (name) => pool.transport(parseTarget(name))};
}

export interface ConfiguredHost {
  readonly server: TestSshd;
  readonly address: string;
  /** More lines of ssh_config(5); they come first, so they win. */
  readonly lines?: readonly string[];
}

/** Writes an ssh_config of hosts of several servers, and returns its path. */
export async function configOf(hosts: Readonly<Record<string, ConfiguredHost>>): Promise<string> {
  const blocks = Object.entries(hosts).map(([name, {server, address, lines = []}]) =>
    [
      `Host ${name}`,
      ...lines,
      `HostName ${address}`,
      `Port ${server.port}`,
      `User ${userInfo().username}`,
      `IdentityFile ${server.identity}`,
      'IdentitiesOnly yes',
      `UserKnownHostsFile ${server.knownHosts}`,
    ].join('\n  '),
  );
  const folder = Object.values(hosts)[0]?.server.folder ?? '';
  const file = join(folder, `ssh_config_${randomUUID()}`);
  await writeFile(file, `${blocks.join('\n\n')}\n`, {mode: 0o600});
  return file;
}

export interface Said extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, with this input. */
export async function runOn(
  transport: Transport,
  commandLine: string,
  input = '',
  options?: OpenOptions,
): Promise<Said> {
  return endOf(await transport.open(commandLine, options), input);
}

/** All that a command says, and how it ended. */
export async function endOf(channel: Channel, input = ''): Promise<Said> {
  channel.stdin.end(input);
  const [stdout, stderr, exit] = await Promise.all([
    text(channel.stdout),
    text(channel.stderr),
    channel.exit,
  ]);
  return {stdout, stderr, ...exit};
}

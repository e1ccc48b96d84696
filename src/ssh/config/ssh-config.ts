/** The user's ssh configuration: read once a run, asked for one host at a time. */
import {existsSync} from 'node:fs';
import {userInfo} from 'node:os';
import {join, resolve} from 'node:path';
import {UsageError} from '../../errors.ts';
import {KnownHosts} from '../known-hosts/known-hosts.ts';
import type {SshSettings} from '../settings.ts';
import type {Target} from '../target.ts';
import {evaluate} from './evaluate.ts';
import {type ConfigLine, readConfigLine} from './files/line.ts';
import {type ConfigFile, readConfigFile} from './files/read.ts';
import {needsOpenSsh} from './needs-openssh.ts';
import {notHonoured} from './not-honoured.ts';
import {SshOracle} from './ssh-g.ts';
import {type Surroundings, toSettings} from './to-settings.ts';

export interface SshConfigOptions extends Surroundings {
  /** Read instead of the user's and the system's files, as `ssh -F`; `none` for no file at all. */
  readonly file?: string;
  /** `~/.ssh/config` when it is not given. */
  readonly userFile?: string;
  /** `/etc/ssh/ssh_config` when it is not given. */
  readonly systemFile?: string;
}

/** A setting in ssh's own words that counts before all files, as `ssh -o`. */
export interface SshOption {
  /** `User deploy`. */
  readonly setting: string;
  /** Where it was said, for people: `option --user`. */
  readonly origin: string;
}

export interface SshConfig {
  /**
   * How a host is reached; the same question gets the same object.
   * @throws UsageError with `file:line` on a value that cannot be
   */
  resolve(target: Target, options?: readonly SshOption[]): Promise<SshSettings>;
  /** The known keys for that host; hosts with the same files share them. */
  knownHosts(files: KnownHostsFiles): Promise<KnownHosts>;
}

/**
 * Reads the files. One that is missing is no error, but for `file`.
 * @throws UsageError with `file:line` on a broken line
 */
export async function openSshConfig(options: SshConfigOptions): Promise<SshConfig> {
  const files = await readFiles(options);
  const knownHosts = knownHostsReader();
  const world = {files, options, oracle: new SshOracle(), knownHosts};
  const asked = new Map<string, Promise<SshSettings>>();
  return {
    knownHosts,
    resolve: (target, said = []) => {
      const key = JSON.stringify([target, said]);
      const known = asked.get(key) ?? resolveHost(world, target, said);
      asked.set(key, known);
      return known;
    },
  };
}

interface World {
  readonly files: readonly ConfigFile[];
  readonly options: SshConfigOptions;
  readonly oracle: SshOracle;
  readonly knownHosts: (files: KnownHostsFiles) => Promise<KnownHosts>;
}

type KnownHostsFiles = Pick<SshSettings, 'userKnownHostsFiles' | 'globalKnownHostsFiles'>;

function knownHostsReader(): World['knownHosts'] {
  const read = new Map<string, Promise<KnownHosts>>();
  return ({userKnownHostsFiles, globalKnownHostsFiles}) => {
    const files = [...userKnownHostsFiles, ...globalKnownHostsFiles];
    const key = JSON.stringify(files);
    const known = read.get(key) ?? KnownHosts.load(files);
    read.set(key, known);
    return known;
  };
}

async function readFiles(options: SshConfigOptions): Promise<ConfigFile[]> {
  const {file, homeDir, uid} = options;
  if (file === 'none') return [];
  const folder = join(homeDir, '.ssh');
  const user = {includeFolder: folder, homeDir, uid};
  if (file !== undefined) {
    const named = await readConfigFile(resolve(file), {...user, isPrivate: false});
    if (named) return [named];
    throw new UsageError('BadSshConfig', `there is no ssh configuration ${file}`);
  }
  const {userFile = join(folder, 'config'), systemFile = '/etc/ssh/ssh_config'} = options;
  const found = [
    await readConfigFile(userFile, {...user, isPrivate: true}),
    await readConfigFile(systemFile, {includeFolder: '/etc/ssh', uid, isPrivate: false}),
  ];
  return found.filter((each) => each !== undefined);
}

async function resolveHost(
  {files, options, oracle, knownHosts}: World,
  target: Target,
  said: readonly SshOption[],
): Promise<SshSettings> {
  const {alias} = target;
  const first = [
    ...fromTarget(target),
    ...said.flatMap(({setting, origin}) => readConfigLine(setting, origin) ?? []),
  ];
  const sshArguments = sshArgumentsFor(options, target, said);
  const {lines: applied, unresolved} = evaluate(files, {alias, localUser: options.localUser, first});
  const lines =
    unresolved.length === 0
      ? applied
      : await oracle.ask({alias, sshArguments, why: unresolved, env: options.env});
  const settings = toSettings(alias, lines, options);
  return {
    ...settings,
    ignored: notHonoured(lines),
    needsOpenSsh: await needsOpenSsh(settings, lines, await knownHosts(settings)),
    sshArguments,
  };
}

/** What makes the program ssh read the same: it looks for its files in the home that the system knows. */
function sshArgumentsFor(
  {file, userFile, homeDir}: SshConfigOptions,
  {user, port}: Target,
  said: readonly SshOption[],
): string[] {
  const own = userFile ?? (homeDir === userInfo().homedir ? undefined : join(homeDir, '.ssh/config'));
  const read = file ?? (own !== undefined && !existsSync(own) ? 'none' : own);
  return [
    ...(read === undefined ? [] : ['-F', read]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...said.flatMap(({setting}) => ['-o', setting]),
  ];
}

/** What stands in the target itself counts before all else. */
function fromTarget({name, user, port}: Target): ConfigLine[] {
  const line = (keyword: string, value: string): ConfigLine => ({
    keyword,
    written: `${keyword} ${value}`,
    words: [value],
    rest: value,
    origin: name,
  });
  return [
    ...(user === undefined ? [] : [line('user', user)]),
    ...(port === undefined ? [] : [line('port', String(port))]),
  ];
}

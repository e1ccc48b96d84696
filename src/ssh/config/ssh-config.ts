/** The user's ssh configuration: read once a run, asked for one host at a time. */
import {join} from 'node:path';
import {UsageError} from '../../errors.ts';
import {KnownHosts} from '../known-hosts/known-hosts.ts';
import type {SshSettings} from '../settings.ts';
import type {Target} from '../target.ts';
import {evaluate} from './evaluate.ts';
import {type ConfigLine, readConfigLine} from './files/line.ts';
import {type ConfigFile, readConfigFile} from './files/read.ts';
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
  knownHosts(settings: SshSettings): Promise<KnownHosts>;
}

/**
 * Reads the files. One that is missing is no error, but for `file`.
 * @throws UsageError with `file:line` on a broken line
 */
export async function openSshConfig(options: SshConfigOptions): Promise<SshConfig> {
  const files = await readFiles(options);
  const asked = new Map<string, Promise<SshSettings>>();
  return {
    resolve: (target, said = []) => {
      const key = JSON.stringify([target, said]);
      const known = asked.get(key) ?? resolveHost(files, options, target, said);
      asked.set(key, known);
      return known;
    },
    knownHosts: knownHostsReader(),
  };
}

function knownHostsReader(): (settings: SshSettings) => Promise<KnownHosts> {
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
    const named = await readConfigFile(file, {...user, isPrivate: false});
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
  files: readonly ConfigFile[],
  options: SshConfigOptions,
  target: Target,
  said: readonly SshOption[],
): Promise<SshSettings> {
  const first = [
    ...fromTarget(target),
    ...said.flatMap(({setting, origin}) => readConfigLine(setting, origin) ?? []),
  ];
  const {lines} = evaluate(files, {alias: target.alias, localUser: options.localUser, first});
  return {...toSettings(target.alias, lines, options), ignored: [], needsOpenSsh: [], sshArguments: []};
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

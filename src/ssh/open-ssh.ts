/** The door of this folder: the ways to all hosts of a run, and how each host is reached. */
import {hostname, userInfo} from 'node:os';
import type {Transport} from '../host/transport.ts';
import type {Secret} from '../secret.ts';
import {chooseTransport, type TransportKind} from './choose-transport.ts';
import {openSshConfig, type SshConfig, type SshOption} from './config/ssh-config.ts';
import {openSshPool} from './pool.ts';
import type {SshSettings} from './settings.ts';
import {parseTarget} from './target.ts';
import {type TemporaryHost, temporaryTransport} from './temporary/transport.ts';

export interface SshOptions {
  readonly homeDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Instead of the user's and the system's configuration. */
  readonly configFile?: string;
  readonly connectTimeoutMs?: number;
  readonly acceptNewHostKeys: boolean;
  /** Who speaks SSH; `auto` is the program ssh where ssh2 cannot do what the configuration asks for. */
  readonly transport: 'auto' | TransportKind;
  /** Asks for a passphrase on the terminal. @throws when there is none */
  readonly ask: (question: string) => Promise<Secret>;
  /** The login password, when the operator asked for one. */
  readonly password?: Secret;
  /** Told what was passed over and why. */
  readonly note: (text: string) => void;
}

/** The ways to hosts. Nothing is read or connected before the first use. */
export interface Ssh {
  /** The way to a host, not connected yet. @throws UsageError on what is no host, or wrong in the configuration */
  transport(name: string): Promise<Transport>;
  /** How a host is reached, and why so; nothing is connected. @throws UsageError */
  explain(name: string): Promise<WayToHost>;
  /** The way to a host that we have made ourselves, with the keys made for it; whoever asks closes it. */
  temporary(host: TemporaryHost): Transport;
  /** Ends all connections to configured hosts. May be called twice. */
  close(): Promise<void>;
}

export interface WayToHost {
  readonly settings: SshSettings;
  readonly transport: TransportKind;
  /** What made the choice. */
  readonly why: string;
}

/** Opens what the ways need. */
export function openSsh(options: SshOptions): Ssh {
  const {ask, note, password} = options;
  const said = saidOptions(options);
  let opened: Promise<SshConfig> | undefined;
  const config = (): Promise<SshConfig> => {
    opened ??= openConfig(options);
    return opened;
  };
  const pool = openSshPool({
    resolve: async (target) => (await config()).resolve(target, said),
    knownHosts: async (settings) => (await config()).knownHosts(settings),
    choose: (settings) => chooseTransport(settings, options.transport).transport,
    env: options.env,
    ask,
    note,
    ...(password && {password}),
  });
  const explain = async (name: string): Promise<WayToHost> => {
    const settings = await (await config()).resolve(parseTarget(name), said);
    const choice = chooseTransport(settings, options.transport);
    const isSsh = choice.transport === 'openssh';
    const ignored = settings.ignored.filter(({isHonouredBySsh}) => !(isSsh && isHonouredBySsh));
    return {settings: {...settings, ignored}, ...choice};
  };
  return {
    transport: async (name) => {
      const {settings, transport} = await explain(name);
      for (const {setting, origin, why} of settings.ignored)
        note(`${name}: ${origin}: ${setting} is not honoured: ${why}`);
      return pool.transport(parseTarget(name), transport);
    },
    explain,
    temporary: temporaryTransport,
    close: () => pool.close(),
  };
}

function openConfig({configFile, homeDir, env}: SshOptions): Promise<SshConfig> {
  const {username, uid} = userInfo();
  return openSshConfig({
    homeDir,
    env,
    uid,
    localUser: username,
    localHost: hostname(),
    ...(configFile !== undefined && {file: configFile}),
  });
}

/** What the command line and ftask's own configuration say, in ssh's words. */
function saidOptions({connectTimeoutMs, acceptNewHostKeys}: SshOptions): SshOption[] {
  return [
    ...(connectTimeoutMs === undefined
      ? []
      : [
          {
            setting: `ConnectTimeout ${Math.ceil(connectTimeoutMs / 1000)}`,
            origin: 'connect timeout of ftask',
          },
        ]),
    ...(acceptNewHostKeys
      ? [{setting: 'StrictHostKeyChecking accept-new', origin: 'new host keys accepted by ftask'}]
      : []),
  ];
}

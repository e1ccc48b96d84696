/** The options of ssh for holding a connection that ftask uses. */
import {quoteWord} from '../../host/quote.ts';
import type {HostKeyPolicy, SshSettings} from '../settings.ts';

/** The connection to a bastion that an ssh holds. */
export interface Bastion {
  /** Its control socket. */
  readonly path: string;
}

export interface MasterWish {
  readonly path: string;
  readonly askpass?: string;
  readonly hasPassword: boolean;
  readonly bastion?: Bastion;
}

/** What comes before the name of the host; the first value of an option counts, so ours come before the user's. */
export function masterArguments(settings: SshSettings, wish: MasterWish, log: string): string[] {
  const flag = (value: boolean): string => (value ? 'yes' : 'no');
  const options = {
    ControlPersist: 'no',
    LogLevel: 'INFO',
    BatchMode: flag(wish.askpass === undefined),
    PasswordAuthentication: flag(wish.hasPassword && settings.passwordAuthentication),
    KbdInteractiveAuthentication: flag(wish.hasPassword && settings.kbdInteractiveAuthentication),
    StrictHostKeyChecking: POLICIES[settings.strictHostKeyChecking],
    ConnectTimeout: Math.ceil(settings.connectTimeoutMs / 1000),
    ServerAliveInterval: Math.ceil(settings.serverAliveIntervalMs / 1000),
    ServerAliveCountMax: settings.serverAliveCountMax,
    ForwardAgent: flag(settings.forwardAgent),
    ForwardX11: 'no',
    ClearAllForwardings: 'yes',
    PermitLocalCommand: 'no',
    RemoteCommand: 'none',
    Tunnel: 'no',
    ...proxyOption(settings, wish.bastion),
  };
  return [
    ...['-f', '-N', '-T', '-M', '-S', wish.path, '-E', log],
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...settings.sshArguments,
  ];
}

/** As over ssh2: nobody is asked on the terminal, and a changed key is refused in any case. */
const POLICIES: Readonly<Record<HostKeyPolicy, string>> = {
  yes: 'yes',
  ask: 'yes',
  'accept-new': 'accept-new',
  no: 'accept-new',
};

/** A ProxyCommand of its own is left to ssh; a bastion is one that we share; else there is no proxy. */
function proxyOption({proxyCommand}: SshSettings, bastion: Bastion | undefined): {ProxyCommand?: string} {
  if (bastion) {
    const path = quoteWord(bastion.path).replaceAll('%', '%%');
    // When the bastion is gone this must not connect on its own.
    return {ProxyCommand: `ssh -F none -S ${path} -o ProxyCommand=false -W [%h]:%p bastion`};
  }
  return proxyCommand === undefined ? {ProxyCommand: 'none'} : {};
}

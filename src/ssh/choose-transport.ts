/** Who speaks SSH with a host: the library ssh2, or the program ssh. */
import type {SshSettings} from './settings.ts';

export type TransportKind = 'ssh2' | 'openssh';

/** Which one, and what made the choice: `auto` takes the program only for what ssh2 cannot do. */
export function chooseTransport(
  {needsOpenSsh}: Pick<SshSettings, 'needsOpenSsh'>,
  wish: TransportKind | 'auto',
): {readonly transport: TransportKind; readonly why: string} {
  if (wish !== 'auto') return {transport: wish, why: 'ssh.transport of the configuration'};
  if (needsOpenSsh.length > 0) return {transport: 'openssh', why: needsOpenSsh.join('; ')};
  return {transport: 'ssh2', why: 'ftask speaks SSH itself'};
}

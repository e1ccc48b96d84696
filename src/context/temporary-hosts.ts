/** Hosts that a task makes itself, and logs in to with keys that are on no disk. */
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {CloseLater} from '../closers.ts';
import type {HostSettings} from '../host/exec/host-settings.ts';
import {shellHost} from '../host/exec/shell-host.ts';
import type {Host} from '../host/host.ts';
import {lateTransport} from '../host/late-transport.ts';
import type {Ssh} from '../ssh/open-ssh.ts';
import {type KeyPair, makeKeyPair} from '../ssh/temporary/key-pair.ts';
import type {TemporaryHost} from '../ssh/temporary/transport.ts';

export interface TemporaryHosts {
  /** A new key pair, for logging in or for the host to be known by. */
  keyPair(comment: string): KeyPair;
  /** The operator's own public key, `~/.ssh/id_ed25519.pub`, if there is one. */
  ownKey(): Promise<string | undefined>;
  /** The host, not connected yet; it is closed at the end of the run. A dry run has nothing to connect to. */
  host(access: TemporaryHost): Host;
}

interface Request {
  readonly ssh: () => Promise<Ssh>;
  readonly settings: HostSettings;
  readonly homeDir: string;
  readonly closeLater: CloseLater;
}

/** Makes the hosts of a run. */
export function temporaryHosts({ssh, settings, homeDir, closeLater}: Request): TemporaryHosts {
  return {
    keyPair: makeKeyPair,
    ownKey: () => readFile(join(homeDir, '.ssh/id_ed25519.pub'), 'utf8').catch(() => undefined),
    host: (access) => {
      const transport = lateTransport(`ssh ${access.name}`, async () => (await ssh()).temporary(access));
      // No password of the operator's: what asks for one is not what we have made.
      const host = shellHost(access.name, transport, {...settings, sudoPassword: async () => undefined});
      closeLater(() => host.close());
      return host;
    },
  };
}

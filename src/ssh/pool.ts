/** All SSH connections of a run: one for each host and one for each bastion, opened on first use and shared. */

import {HostUnreachable} from '../host/failures.ts';
import type {Transport} from '../host/transport.ts';
import type {Secret} from '../secret.ts';
import type {Ask} from './auth/key-file.ts';
import {Keys} from './auth/keys.ts';
import {connect} from './connection/connect.ts';
import type {Connection} from './connection/connection.ts';
import {dial} from './connection/dial.ts';
import {placeOf} from './connection/failure.ts';
import {timeLimit} from './connection/time-limit.ts';
import type {KnownHosts} from './known-hosts/known-hosts.ts';
import type {SshSettings} from './settings.ts';
import type {Target} from './target.ts';

export interface SshPoolOptions {
  resolve(target: Target): Promise<SshSettings>;
  knownHosts(settings: SshSettings): Promise<KnownHosts>;
  /** Asks for a passphrase on the terminal; undefined when there is none. */
  readonly ask?: Ask;
  /** The login password, only when the operator asked for one. */
  readonly password?: Secret;
  /** Told what was passed over and why, for `-v`. */
  readonly note?: (text: string) => void;
}

export interface SshPool {
  /** The way to a host. The same target gets the same connection. */
  transport(target: Target): Transport;
  /** Ends all connections. May be called twice. */
  close(): Promise<void>;
}

/** A pool without a connection. */
export function openSshPool(options: SshPoolOptions): SshPool {
  const keys = new Keys(options.ask, options.note ?? (() => {}));
  const connections = new Map<string, Promise<Connection>>();
  const open = async (target: Target): Promise<Connection> => {
    const settings = await options.resolve(target);
    const limit = timeLimit(
      settings.connectTimeoutMs,
      () => new HostUnreachable(`${placeOf(settings)}: no answer in ${settings.connectTimeoutMs / 1000} s`),
    );
    const signal = new AbortController().signal;
    try {
      const socket = await dial(settings, signal);
      return await connect(settings, socket, {...options, keys}, limit);
    } finally {
      limit.end();
    }
  };
  const connection = (target: Target): Promise<Connection> => {
    const key = target.name;
    const found = connections.get(key) ?? open(target);
    connections.set(key, found);
    return found;
  };
  return {
    transport: (target) => ({
      name: `ssh2 ${target.name}`,
      open: async (commandLine, {pty, signal} = {}) =>
        (await connection(target)).exec(commandLine, pty, signal),
      close: async () => (await connections.get(target.name))?.close(),
    }),
    close: async () => {
      await Promise.all([...connections.values()].map(async (each) => (await each).close()));
    },
  };
}

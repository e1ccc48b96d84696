/** How a socket to a host comes about: directly, through a bastion, or through a program. */
import type {Duplex} from 'node:stream';
import {FtaskError} from '../../errors.ts';
import {AuthenticationFailed, HostKeyRejected, HostUnreachable} from '../../host/failures.ts';
import {type Connection, OpenRefused} from '../connection/connection.ts';
import {dial} from '../connection/dial.ts';
import {placeOf} from '../connection/failure.ts';
import type {SshSettings} from '../settings.ts';
import {startProxyCommand} from './proxy-command.ts';

export interface Way {
  /** @throws HostUnreachable */
  open(signal: AbortSignal): Promise<Duplex>;
  /** The error of a connection, made clearer by what the way knows of it. */
  explain(error: FtaskError): Promise<FtaskError>;
}

/** Over TCP. */
export function directWay(settings: SshSettings): Way {
  return {open: (signal) => dial(settings, signal), explain: async (error) => error};
}

/** A link to what can make connections on its side. */
interface Bastion {
  connection(signal: AbortSignal): Promise<Pick<Connection, 'place' | 'forward'>>;
}

/** Through the connection to a bastion, which all hosts behind it share. */
export function wayThrough(bastion: Bastion, settings: SshSettings): Way {
  return {
    open: async (signal) => {
      const connection = await bastion.connection(signal);
      try {
        return await connection.forward(settings.hostName, settings.port, signal);
      } catch (error) {
        if (!(error instanceof OpenRefused)) throw error;
        const place = placeOf(settings);
        throw new HostUnreachable(`${place}: not reached through ${connection.place}: ${error.reason}`, {
          hint: 'check that the bastion reaches it, and AllowTcpForwarding there',
          cause: error,
        });
      }
    },
    explain: async (error) => error,
  };
}

/** Waits for the bastion of `host`, whose failure is told as that of the host. Throws as the bastion does. */
export async function bastionOf<Held>(host: string, bastion: Promise<Held>): Promise<Held> {
  return bastion.catch((error: unknown) => {
    const Failure = [HostUnreachable, HostKeyRejected, AuthenticationFailed].find(
      (kind) => error instanceof kind,
    );
    if (!Failure || !(error instanceof FtaskError)) throw error;
    const {message, hint} = error;
    throw new Failure(`${host}: its bastion is not reached: ${message}`, {hint, cause: error});
  });
}

/** Through the program of ProxyCommand, run with `shell`. */
export function programWay(command: string, settings: SshSettings, shell: string): Way {
  let explain = async (error: FtaskError): Promise<FtaskError> => error;
  return {
    open: async () => {
      const program = startProxyCommand(command, placeOf(settings), shell);
      explain = program.explain;
      return program.socket;
    },
    explain: (error) => explain(error),
  };
}

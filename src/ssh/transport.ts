/** Transports over the connection to a host, whoever holds that. */
import type {Channel, TerminalSize, Transport} from '../host/transport.ts';
import type {Link, Linked} from './link.ts';
import type {SharedConnection} from './openssh/shared-connection.ts';
import {fileServiceOf} from './sftp/file-service.ts';

/** The way over ssh2 to the host behind `link`. */
export function sshTransport(name: string, link: Link): Transport {
  return {...transportOver(`ssh2 ${name}`, link), sftp: fileServiceOf(link)};
}

/** The way over the program ssh. It has no file service: what it carries is for servers with a shell. */
export function openSshTransport(name: string, link: Link<SharedConnection>): Transport {
  return transportOver(`openssh ${name}`, link);
}

interface Executing extends Linked {
  exec(commandLine: string, pty?: TerminalSize, signal?: AbortSignal): Promise<Channel>;
}

function transportOver<Held extends Executing>(name: string, link: Link<Held>): Transport {
  return {
    name,
    open: (commandLine, {pty, isUrgent, signal} = {}) =>
      link.session(
        (connection) => connection.exec(commandLine, pty, signal),
        (channel) => channel.exit,
        {isUrgent, signal},
      ),
    close: () => link.close(),
  };
}

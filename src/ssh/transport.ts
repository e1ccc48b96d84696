/** A Transport over ssh2. */
import type {Transport} from '../host/transport.ts';
import type {Link} from './link.ts';
import {fileServiceOf} from './sftp/file-service.ts';

/** The way to the host behind `link`. */
export function sshTransport(name: string, link: Link): Transport {
  return {
    name: `ssh2 ${name}`,
    open: (commandLine, {pty, isUrgent, signal} = {}) =>
      link.session(
        (connection) => connection.exec(commandLine, pty, signal),
        (channel) => channel.exit,
        {isUrgent, signal},
      ),
    sftp: fileServiceOf(link),
    close: () => link.close(),
  };
}

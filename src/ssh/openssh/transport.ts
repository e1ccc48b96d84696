/** A Transport over connections that the program ssh holds. */
import type {Transport} from '../../host/transport.ts';
import type {Link} from '../link.ts';
import type {SharedConnection} from './shared-connection.ts';

/** The way to the host behind `link`. It has no file service: what it carries is for servers with a shell. */
export function openSshTransport(name: string, link: Link<SharedConnection>): Transport {
  return {
    name: `openssh ${name}`,
    open: (commandLine, {pty, isUrgent, signal} = {}) =>
      link.session(
        (connection) => connection.exec(commandLine, pty, signal),
        (channel) => channel.exit,
        {isUrgent, signal},
      ),
    close: () => link.close(),
  };
}

/** All SSH connections of a run: one for each host and one for each bastion, opened on first use and shared. */
import {ConnectionLost, HostUnreachable} from '../host/failures.ts';
import type {Transport} from '../host/transport.ts';
import type {Secret} from '../secret.ts';
import type {Ask} from './auth/key-file.ts';
import {Keys} from './auth/keys.ts';
import {connect} from './connection/connect.ts';
import type {Connection} from './connection/connection.ts';
import {directWay, programWay, type Way, wayThrough} from './gateway/way.ts';
import type {KnownHosts} from './known-hosts/known-hosts.ts';
import {Link} from './link.ts';
import type {SshSettings} from './settings.ts';
import {Starts} from './starts.ts';
import {parseTarget, type Target} from './target.ts';
import {sshTransport} from './transport.ts';

export interface SshPoolOptions {
  /** How a host is reached, or a bastion on the way to one. */
  resolve(target: Target, role: Role): Promise<SshSettings>;
  knownHosts(settings: SshSettings): Promise<KnownHosts>;
  /** Asks for a passphrase on the terminal; undefined when there is none. */
  readonly ask?: Ask;
  /** The login password of the hosts, only when the operator asked for one. No bastion gets to see it. */
  readonly password?: Secret;
  /** Runs a ProxyCommand; `/bin/sh` by default. */
  readonly shell?: string;
  /** Told what was passed over and why, for `-v`. */
  readonly note?: (text: string) => void;
}

export type Role = 'host' | 'bastion';

export interface SshPool {
  /** The way to a host. The same target gets the same connection. */
  transport(target: Target): Transport;
  /** Ends all connections; what is under way fails. May be called twice. */
  close(): Promise<void>;
}

/** A host on the way, and what is known of the way to it. */
interface Stop {
  readonly target: Target;
  readonly role: Role;
  /** The hops before it, when those are not its own settings' matter. */
  readonly before?: readonly string[];
  /** Hosts that are reached through it, by the names of their links. */
  readonly behind: readonly string[];
}

/** A pool without a connection. */
export function openSshPool(options: SshPoolOptions): SshPool {
  const {shell = '/bin/sh', note = () => {}} = options;
  const keys = new Keys(options.ask, note);
  const starts = new Starts();
  const links = new Map<string, Link>();
  const over = new AbortController();

  const linkTo = (stop: Stop): Link => {
    const name = [...(stop.before ?? []), stop.target.name].join(',');
    const known = links.get(name) ?? new Link((signal) => connectTo(stop, name, signal));
    links.set(name, known);
    return known;
  };

  const connectTo = async (stop: Stop, name: string, signal: AbortSignal): Promise<Connection> => {
    over.signal.throwIfAborted();
    if (stop.behind.includes(name)) {
      throw new HostUnreachable(
        `${stop.target.name}: its ProxyJump leads back to it: ${stop.behind.join(', ')}`,
      );
    }
    const own = await options.resolve(stop.target, stop.role);
    const settings = stop.before ? {...own, proxyJump: stop.before, proxyCommand: undefined} : own;
    const bastion = bastionOf(settings, [...stop.behind, name]);
    // Before its turn to start: a bastion that waits for a turn behind hosts that wait for it would never come.
    await bastion?.connection(signal);
    const way = wayTo(settings, bastion);
    const access = {
      keys,
      knownHosts: options.knownHosts,
      ...(stop.role === 'host' && {password: options.password}),
    };
    return starts.run(settings, stop.role, signal, () => connect(settings, way, access, signal));
  };

  const bastionOf = ({proxyJump, alias}: SshSettings, behind: readonly string[]): Link | undefined => {
    const last = proxyJump.at(-1);
    // As in ssh, a bastion that a pattern sends through itself is reached directly.
    if (last === undefined || (proxyJump.length === 1 && parseTarget(last).alias === alias)) return undefined;
    const before = proxyJump.length > 1 ? proxyJump.slice(0, -1) : undefined;
    return linkTo({target: parseTarget(last), role: 'bastion', before, behind});
  };

  const wayTo = (settings: SshSettings, bastion: Link | undefined): Way => {
    if (bastion) return wayThrough(bastion, settings);
    if (settings.proxyCommand === undefined) return directWay(settings);
    return programWay(settings.proxyCommand, settings, shell);
  };

  return {
    transport: (target) => sshTransport(target.name, linkTo({target, role: 'host', behind: []})),
    close: async () => {
      over.abort(new ConnectionLost('all connections were closed'));
      await Promise.all([...links.values()].map((link) => link.close()));
    },
  };
}

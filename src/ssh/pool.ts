/** All SSH connections of a run: one for each host and one for each bastion, opened on first use and shared. */
import {ConnectionLost, HostUnreachable} from '../host/failures.ts';
import type {Transport} from '../host/transport.ts';
import type {Secret} from '../secret.ts';
import {identitiesFor} from './auth/identities.ts';
import type {Ask} from './auth/key-file.ts';
import {Keys} from './auth/keys.ts';
import type {TransportKind} from './choose-transport.ts';
import {connect} from './connection/connect.ts';
import type {Connection} from './connection/connection.ts';
import {bastionOf, directWay, programWay, type Way, wayThrough} from './gateway/way.ts';
import type {KnownHosts} from './known-hosts/known-hosts.ts';
import {Link, type Linked} from './link.ts';
import {Masters} from './openssh/masters.ts';
import type {SharedConnection} from './openssh/shared-connection.ts';
import type {SshSettings} from './settings.ts';
import {Starts} from './starts.ts';
import {parseTarget, type Target} from './target.ts';
import {openSshTransport, sshTransport} from './transport.ts';

export interface SshPoolOptions {
  /** How a host is reached, or a bastion on the way to one. */
  resolve(target: Target, role: Role): Promise<SshSettings>;
  knownHosts(settings: SshSettings): Promise<KnownHosts>;
  /** Asks for a passphrase on the terminal; undefined when there is none. */
  readonly ask?: Ask;
  /** The login password of the hosts, only when the operator asked for one. No bastion gets to see it. */
  readonly password?: Secret;
  /** Who speaks with a bastion that hosts over ssh2 are behind; ssh2 by default. */
  choose?(settings: SshSettings): TransportKind;
  /** The environment of the program ssh. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Runs a ProxyCommand; `/bin/sh` by default. */
  readonly shell?: string;
  /** Told what was passed over and why, for `-v`. */
  readonly note?: (text: string) => void;
}

export type Role = 'host' | 'bastion';

export interface SshPool {
  /** The way to a host, over ssh2 by default. The same target gets the same connection. */
  transport(target: Target, kind?: TransportKind): Transport;
  /** Ends all connections; what is under way fails. May be called twice. */
  close(): Promise<void>;
}

/** A host, or a bastion on the way to one. */
interface Stop {
  readonly target: Target;
  readonly role: Role;
  /** The hops before it, when another host's ProxyJump names them. */
  readonly before?: readonly string[];
}

/** A pool without a connection. */
export function openSshPool(options: SshPoolOptions): SshPool {
  const {ask, password, env = {}, shell = '/bin/sh', note = () => {}, choose = () => 'ssh2'} = options;
  const keys = new Keys(ask, note);
  const masters = new Masters({env, ...(ask && {ask}), ...(password && {password})});
  const starts = new Starts();
  const links = new Map<string, Link>();
  const sharedLinks = new Map<string, Link<SharedConnection>>();
  const over = new AbortController();

  const linkTo = (stop: Stop): Link => linkIn(links, stop, (signal) => connectTo(stop, signal));
  const sharedLinkTo = (stop: Stop): Link<SharedConnection> =>
    linkIn(sharedLinks, stop, (signal) => shareTo(stop, signal));

  const connectTo = async (stop: Stop, signal: AbortSignal): Promise<Connection> => {
    over.signal.throwIfAborted();
    await refuseCircle(stop);
    const settings = await settingsOf(stop);
    const before = stopBefore(settings);
    const bastion = before && (await bastionLink(before));
    // Before its turn to start: a bastion that waits for a turn behind hosts that wait for it would never come.
    if (bastion) await bastionOf<Linked>(stop.target.name, bastion.connection(signal));
    const way = wayTo(settings, bastion);
    const access = {
      identities: (to: SshSettings) => identitiesFor(to, keys),
      knownHosts: options.knownHosts,
      ...(stop.role === 'host' && {password}),
    };
    return starts.run(settings, stop.role, signal, () => connect(settings, way, access, signal));
  };

  /** The same by the program ssh; it can go through connections of its own kind only. */
  const shareTo = async (stop: Stop, signal: AbortSignal): Promise<SharedConnection> => {
    over.signal.throwIfAborted();
    await refuseCircle(stop);
    const settings = await settingsOf(stop);
    const before = stopBefore(settings);
    const bastion = before && (await bastionOf(stop.target.name, sharedLinkTo(before).connection(signal)));
    const way = {bastion, isHost: stop.role === 'host'};
    return starts.run(settings, stop.role, signal, () => masters.start(settings, way, signal));
  };

  const settingsOf = async ({target, role, before}: Stop): Promise<SshSettings> => {
    const settings = await options.resolve(target, role);
    return before ? {...settings, proxyJump: before, proxyCommand: undefined} : settings;
  };

  /** Else two that wait for each other would wait for ever. */
  const refuseCircle = async (stop: Stop): Promise<void> => {
    const passed: string[] = [];
    for (let next: Stop | undefined = stop; next; next = stopBefore(await settingsOf(next))) {
      const name = nameOf(next);
      if (passed.includes(name)) {
        throw new HostUnreachable(
          `${stop.target.name}: its ProxyJump goes in a circle: ${passed.join(', ')}`,
        );
      }
      passed.push(name);
    }
  };

  const bastionLink = async (stop: Stop): Promise<Link | Link<SharedConnection>> => {
    const settings = await options.resolve(stop.target, stop.role);
    return choose(settings) === 'openssh' ? sharedLinkTo(stop) : linkTo(stop);
  };

  const wayTo = (settings: SshSettings, bastion: Link | Link<SharedConnection> | undefined): Way => {
    if (bastion) return wayThrough(bastion, settings);
    if (settings.proxyCommand === undefined) return directWay(settings);
    return programWay(settings.proxyCommand, settings, shell);
  };

  return {
    transport: (target, kind = 'ssh2') => {
      const stop: Stop = {target, role: 'host'};
      return kind === 'ssh2'
        ? sshTransport(target.name, linkTo(stop))
        : openSshTransport(target.name, sharedLinkTo(stop));
    },
    close: async () => {
      over.abort(new ConnectionLost('all connections were closed'));
      await Promise.all([...links.values(), ...sharedLinks.values()].map((link) => link.close()));
      await masters.close();
    },
  };
}

/** The link to a stop: there is one for all hosts behind it. */
function linkIn<Held extends Linked>(
  links: Map<string, Link<Held>>,
  stop: Stop,
  connectTo: (signal: AbortSignal) => Promise<Held>,
): Link<Held> {
  const name = nameOf(stop);
  const known = links.get(name) ?? new Link(connectTo);
  links.set(name, known);
  return known;
}

function nameOf({target, before = []}: Stop): string {
  return [...before, target.name].join(',');
}

/** The last hop before a host. As in ssh, one that a pattern sends through itself is reached directly. */
function stopBefore({proxyJump, alias}: SshSettings): Stop | undefined {
  const last = proxyJump.at(-1);
  if (last === undefined) return undefined;
  const target = parseTarget(last);
  if (proxyJump.length === 1) return target.alias === alias ? undefined : {target, role: 'bastion'};
  return {target, role: 'bastion', before: proxyJump.slice(0, -1)};
}

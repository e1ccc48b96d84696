/** The hosts of a run: each is made once, and all are closed together. */
import {UsageError} from '../errors.ts';
import {dryRunHost} from '../host/dry-run.ts';
import type {HostSettings} from '../host/exec/host-settings.ts';
import {shellHost} from '../host/exec/shell-host.ts';
import type {Host} from '../host/host.ts';
import {lateTransport} from '../host/late-transport.ts';
import {localTransport} from '../host/local.ts';
import {expandHosts} from '../host/selection/expand.ts';
import type {Transport} from '../host/transport.ts';
import type {SelectedHost} from './select-hosts.ts';

export interface HostsRequest {
  readonly selected: readonly SelectedHost[];
  readonly settings: HostSettings;
  /** The way to what was selected. */
  readonly way: (target: string) => Promise<Transport>;
  /** Told of what is not done in a dry run. */
  readonly describe: (line: string) => void;
}

/** Hosts as a task gets them. */
export interface HostView {
  readonly selected: readonly Host[];
  /** This machine. */
  readonly local: Host;
  /** Any host by its name, selected or not; it has one connection however often it is named. @throws UsageError */
  named(name: string): Host;
  /** A host of the caller's own at any target, called so in messages; its caller closes it. */
  at(name: string, target: string): Host;
}

export interface Hosts extends HostView {
  /** The same hosts, on which nothing is changed. */
  readonly dry: HostView;
  /** What a host's name stands for. */
  targetOf(name: string): string;
  /** May be called twice. */
  close(): Promise<void>;
}

/** Makes the hosts. Nothing is connected before a command is run. */
export function openHosts({selected, settings, way, describe}: HostsRequest): Hosts {
  const targets = new Map(selected.map(({name, target}) => [name, target]));
  const made = new Map<string, Host>();
  const targetOf = (name: string): string => targets.get(name) ?? name;
  const at = (name: string, target: string): Host => {
    const transport = lateTransport(`ssh ${target}`, () => way(target));
    return shellHost(name, transport, settings);
  };
  const named = (name: string): Host => {
    const host = made.get(name) ?? at(onlyHost(name, targets), targetOf(name));
    made.set(name, host);
    return host;
  };
  const local = shellHost('localhost', localTransport(), settings);
  const hosts = selected.map(({name}) => named(name));
  const dryly = (host: Host): Host => dryRunHost(host, describe);
  return {
    selected: hosts,
    local,
    named,
    at,
    dry: {
      selected: hosts.map(dryly),
      local: dryly(local),
      named: (name) => dryly(named(name)),
      at: (name, target) => dryly(at(name, target)),
    },
    targetOf,
    close: async () => {
      await Promise.all([...made.values(), local].map((host) => host.close()));
    },
  };
}

function onlyHost(name: string, selected: ReadonlyMap<string, string>): string {
  const [only, second] = selected.has(name) ? [name] : expandHosts(name);
  if (only !== undefined && second === undefined) return only;
  throw new UsageError('BadHosts', `'${name}' is not one host`);
}

/** The lab's network: addresses that this machine reaches, and regions that are far from each other. */
import {FtaskError} from '../../../errors.ts';
import {run} from '../run.ts';
import {type Core, openCore} from './core.ts';
import {type RegionLink, regionRouting, type Wired} from './region-links.ts';
import {openUplink} from './uplink.ts';

export interface Network {
  /** This machine's address in it. */
  readonly gateway: string;
  /** An address that nobody has. @throws FtaskError when all are in use */
  nextAddress(): string;
  /** Wires a network namespace, named by a process in it, to the lab as `eth0`. */
  join(address: string, region: string, pid: number): Promise<void>;
  /** Takes the wire and the address away, whether the namespace still is there or not. May be called twice. */
  leave(address: string): Promise<void>;
  close(): Promise<void>;
}

// The first four of a subnet are never a host's on AWS, the last is for broadcasts.
const FIRST = 4;
const LAST = 254;

/** Opens a network of its own on this machine; everything of it ends with the calling process. */
export async function openNetwork(links: readonly RegionLink[]): Promise<Network> {
  const core = await openCore();
  try {
    return await networkOn(core, links);
  } catch (error) {
    await core.close();
    throw error;
  }
}

async function networkOn(core: Core, links: readonly RegionLink[]): Promise<Network> {
  const uplink = await openUplink(core);
  const routing = regionRouting(links);
  const hosts = new Map<string, Wired>();
  const given = new Set<string>();
  let last = FIRST - 1;
  if (routing.lanes.length > 0) await core.relay(routing.lanes);
  await core.ip(routing.lanes.map(({device}) => `link set ${device} up`));
  return {
    gateway: uplink.gateway,
    nextAddress: () => {
      for (let tried = FIRST; tried <= LAST; tried++) {
        last = last === LAST ? FIRST : last + 1;
        const address = `${uplink.prefix}${last}`;
        if (!given.has(address)) {
          given.add(address);
          return address;
        }
      }
      throw new FtaskError('NoLabAddress', 'lab hardware: all addresses of the lab are in use');
    },
    join: async (address, region, pid) => {
      const host = {address, region, device: `host${address.split('.').at(-1)}`};
      given.add(address);
      hosts.set(address, host);
      await core.ip([
        `link add ${host.device} type veth peer name eth0 netns ${pid}`,
        `link set ${host.device} up`,
        `route add ${address} dev ${host.device}`,
        ...routing.join(host),
      ]);
      const inside = [
        'link set lo up',
        `address add ${address}/32 dev eth0`,
        'link set eth0 up',
        `route add default via ${uplink.core} dev eth0 onlink`,
      ];
      await run(['nsenter', `--net=/proc/${pid}/ns/net`, 'ip', '-batch', '-'], inside.join('\n'));
    },
    leave: async (address) => {
      given.delete(address);
      const host = hosts.get(address);
      if (!host) return;
      hosts.delete(address);
      // The device goes by itself with the namespace at its other end, and a host that died early never had it.
      await core.remove([...routing.leave(host), `link delete ${host.device}`]);
    },
    close: async () => {
      await uplink.close();
      await core.close();
    },
  };
}

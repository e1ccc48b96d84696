/** Which way packets between regions take: the routing that sends them through a relay. Pure. */
import type {Lane} from './relay.ts';

/** How far two regions are from each other. Within a region, and without a link, there is no delay and no limit. */
export interface RegionLink {
  readonly between: readonly [string, string];
  /** Each way: a round trip takes twice as long. */
  readonly delayMs: number;
  /** Each way. */
  readonly bitsPerSecond?: number;
}

/** Lines of `ip` that wire a host in, and those that take it out again; the latter when its device is gone. */
export interface Routing {
  readonly lanes: readonly Lane[];
  join(host: Wired): readonly string[];
  leave(host: Wired): readonly string[];
}

/** A host of the lab at the core: its address, its region, and the core's device to it. */
export interface Wired {
  readonly address: string;
  readonly region: string;
  readonly device: string;
}

interface Way extends Lane {
  readonly from: string;
  readonly to: string;
}

/**
 * A region with links has a routing table of its own, which holds for what comes in from its hosts: there, every
 * host of a linked region is behind that link's lane. What a lane gives back is routed as everything else.
 */
export function regionRouting(links: readonly RegionLink[]): Routing {
  const ways = links.flatMap(bothWays);
  const origins = [...new Set(ways.map((way) => way.from))];
  const tableOf = (region: string) => 1000 + origins.indexOf(region);
  const ruleOf = ({region, device}: Wired) =>
    origins.includes(region) ? [`iif ${device} lookup ${tableOf(region)}`] : [];
  const routesTo = ({region, address}: Wired) =>
    ways
      .filter(({to}) => to === region)
      .map(({from, device}) => `${address} dev ${device} table ${tableOf(from)}`);
  return {
    lanes: ways,
    join: (host) => [
      ...ruleOf(host).map((rule) => `rule add ${rule}`),
      ...routesTo(host).map((route) => `route add ${route}`),
    ],
    leave: (host) => [
      ...ruleOf(host).map((rule) => `rule delete ${rule}`),
      ...routesTo(host).map((route) => `route delete ${route}`),
    ],
  };
}

function bothWays({between: [one, other], delayMs, bitsPerSecond}: RegionLink, index: number): Way[] {
  return [
    {from: one, to: other, device: `there${index}`, delayMs, bitsPerSecond},
    {from: other, to: one, device: `back${index}`, delayMs, bitsPerSecond},
  ];
}

/** Through what a host is reached: ProxyJump and ProxyCommand. */
import type {ConfigLine} from './files/line.ts';
import {expandTokens, type TokenValues} from './tokens.ts';
import {badValue} from './values.ts';

/** The first of the two forbids the other one, but `ProxyJump none` leaves the way to a ProxyCommand open. */
export function proxyOf(lines: readonly ConfigLine[]): ConfigLine | undefined {
  const first = lines.find(({keyword}) => keyword === 'proxyjump' || keyword === 'proxycommand');
  if (first?.keyword !== 'proxyjump' || hopsOf(first).length > 0) return first;
  return lines.find(({keyword}) => keyword === 'proxycommand') ?? first;
}

/** The hops of a ProxyJump, in the order they are passed; none for `none`. @throws UsageError when one is empty */
export function hopsOf(line: ConfigLine): string[] {
  const written = line.rest.replace(/#.*/s, '').trim();
  if (written.toLowerCase() === 'none') return [];
  const hops = written.split(',').map((hop) => hop.trim());
  if (hops.includes('')) throw badValue(line, 'a hop is empty');
  return hops;
}

/** The command of a ProxyCommand, ready for a shell; undefined when it is another line, or `none`. */
export function proxyCommandOf(proxy: ConfigLine | undefined, values: TokenValues): string | undefined {
  if (proxy?.keyword !== 'proxycommand' || proxy.rest.toLowerCase() === 'none') return undefined;
  return expandTokens(proxy.rest, proxy, values, 'hnprk');
}

/** Where an instance is reached, and as whom: the rules of the configuration. Pure. */
import type {Config} from '../config/schema.ts';
import type {Region} from '../ec2/ids.ts';
import type {Instance} from '../ec2/instances.ts';
import {addressOf} from '../ec2/tagged-hosts.ts';

export type ReachableInstance = Pick<Instance, 'id' | 'tags' | 'publicAddress' | 'privateAddress'>;

type Rules = Pick<Config, 'consistency' | 'hosts'>;
type HostRule = Config['consistency']['hosts'][number];

/** What to connect to, written as for `-H`: `admin@10.0.0.7:2222`. @throws UsageError when it has no such address */
export function instanceTarget(
  {tags, ...instance}: ReachableInstance,
  region: Region,
  {consistency, hosts}: Rules,
): string {
  const rule = consistency.hosts.find((each) => fits(each, tags, region));
  const name = tags['Name'];
  const address = addressOf({...instance, region, ...(name && {name})}, rule?.address ?? hosts.address);
  const host = address.includes(':') && rule?.port !== undefined ? `[${address}]` : address;
  const user = rule?.user === undefined ? '' : `${rule.user}@`;
  return `${user}${host}${rule?.port === undefined ? '' : `:${rule.port}`}`;
}

function fits(rule: HostRule, tags: Instance['tags'], region: Region): boolean {
  return region.startsWith(rule.region ?? '') && (rule.tag === undefined || hasTag(tags, rule.tag));
}

function hasTag(tags: Instance['tags'], pair: string): boolean {
  const equals = pair.indexOf('=');
  return tags[pair.slice(0, equals)] === pair.slice(equals + 1);
}

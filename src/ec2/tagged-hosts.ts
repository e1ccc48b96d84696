/** Running instances as hosts: found by their tags, with the addresses they are reached at. */
import type {Filter, Instance as RawInstance} from '@aws-sdk/client-ec2';
import {UsageError} from '../errors.ts';
import {type Ec2, pages} from './client.ts';
import type {InstanceId, Region} from './ids.ts';
import {addressesOf, literal} from './instances.ts';
import {tagsOf} from './tags.ts';

/** A running instance, as far as connecting to it needs. */
export interface TaggedHost {
  readonly id: InstanceId;
  readonly region: Region;
  /** Its Name tag. */
  readonly name?: string;
  readonly publicAddress?: string;
  readonly privateAddress?: string;
}

/** A tag that a host must have. */
export interface WantedTag {
  readonly name: string;
  readonly value: string;
}

/** Running instances of all regions that have every one of the tags; of several values of one tag, any. */
export async function findTaggedHosts(
  ec2: Ec2,
  regions: readonly Region[],
  tags: readonly WantedTag[],
  signal?: AbortSignal,
): Promise<TaggedHost[]> {
  const filters = filtersOf(tags);
  const found = await Promise.all(regions.map((region) => hostsIn(ec2, region, filters, signal)));
  return found.flat();
}

/** Which address an instance is reached at; `auto` is the public one where there is one, `name` its Name tag. */
export type AddressKind = 'auto' | 'public' | 'private' | 'name';

/** What to connect to. @throws UsageError when the instance has no such address, since leaving it out would be a lie */
export function addressOf(host: TaggedHost, kind: AddressKind): string {
  const {id, region, name, publicAddress, privateAddress} = host;
  const addresses = {
    auto: publicAddress ?? privateAddress,
    public: publicAddress,
    private: privateAddress,
    name,
  };
  const address = addresses[kind];
  if (address !== undefined) return address;
  const what = {
    auto: 'no address',
    public: 'no public address',
    private: 'no private address',
    name: 'no Name tag',
  };
  throw new UsageError(
    'NoAddress',
    `${name ? `${name} (${id}, ${region})` : `${id} (${region})`} has ${what[kind]}`,
    {
      hint: 'hosts.address of the configuration chooses between auto, public, private and name',
    },
  );
}

async function hostsIn(
  ec2: Ec2,
  region: Region,
  Filters: Filter[],
  signal: AbortSignal | undefined,
): Promise<TaggedHost[]> {
  const hosts: TaggedHost[] = [];
  for await (const {Reservations = []} of pages(ec2, region, 'DescribeInstances', {Filters}, signal)) {
    for (const {Instances = []} of Reservations) hosts.push(...Instances.map((raw) => hostOf(raw, region)));
  }
  return hosts;
}

function filtersOf(tags: readonly WantedTag[]): Filter[] {
  const names = [...new Set(tags.map(({name}) => name))];
  const wanted = names.map((name) => ({
    Name: `tag:${name}`,
    Values: tags.filter((tag) => tag.name === name).map(({value}) => literal(value)),
  }));
  return [...wanted, {Name: 'instance-state-name', Values: ['running']}];
}

function hostOf(raw: RawInstance, region: Region): TaggedHost {
  const name = tagsOf(raw.Tags)['Name'];
  return {
    id: raw.InstanceId as InstanceId,
    region,
    ...(name && {name}),
    ...addressesOf(raw),
  };
}

/** Instances and the EBS volumes attached to them. */
import type {Filter, Instance as RawInstance} from '@aws-sdk/client-ec2';
import {type Ec2, pages} from './client.ts';
import type {InstanceId, Region, VolumeId} from './ids.ts';
import {type Tags, tagsOf} from './tags.ts';

/** An instance, as far as a backup needs it. */
export interface Instance {
  readonly id: InstanceId;
  readonly state: string;
  /** It is stopped, but goes on where it was: its filesystems are still mounted. */
  readonly isHibernated?: boolean;
  readonly type: string;
  readonly architecture: string;
  readonly zone: string;
  /** The device name of its root volume, as `/dev/sda1`. */
  readonly rootDevice: string;
  readonly tags: Tags;
  readonly volumes: readonly AttachedVolume[];
  readonly publicAddress?: string;
  readonly privateAddress?: string;
}

export interface AttachedVolume {
  readonly id: VolumeId;
  readonly device: string;
}

/** Instances that still have their volumes; a terminated one stays listed for about an hour. */
const WITH_VOLUMES = ['pending', 'running', 'stopping', 'stopped'];

/** So few that one page of them needs little memory, and that a filter can name them all. */
const PAGE_SIZE = 200;

/** Every instance that carries the tag, running or not, never a terminated one; a page at a time. */
export async function* findInstances(
  ec2: Ec2,
  region: Region,
  tag: {readonly name: string; readonly value: string},
  signal?: AbortSignal,
): AsyncGenerator<Instance[]> {
  const Filters: Filter[] = [
    {Name: `tag:${tag.name}`, Values: [literal(tag.value)]},
    {Name: 'instance-state-name', Values: WITH_VOLUMES},
  ];
  const input = {Filters, MaxResults: PAGE_SIZE};
  for await (const {Reservations = []} of pages(ec2, region, 'DescribeInstances', input, signal)) {
    yield Reservations.flatMap(({Instances = []}) => Instances.map(instanceOf));
  }
}

/** One instance by its id; none when there is no such instance or it is terminated. */
export async function findInstance(
  ec2: Ec2,
  region: Region,
  id: InstanceId,
  signal?: AbortSignal,
): Promise<Instance | undefined> {
  // A filter, not InstanceIds: an unknown id is then an empty answer and not an error.
  const Filters = [
    {Name: 'instance-id', Values: [id]},
    {Name: 'instance-state-name', Values: WITH_VOLUMES},
  ];
  const answer = await ec2.call(region, 'DescribeInstances', {Filters}, signal);
  const raw = answer.Reservations?.[0]?.Instances?.[0];
  return raw && instanceOf(raw);
}

function instanceOf(raw: RawInstance): Instance {
  return {
    id: raw.InstanceId as InstanceId,
    state: raw.State?.Name ?? 'unknown',
    ...(isHibernated(raw) && {isHibernated: true}),
    type: raw.InstanceType ?? '',
    architecture: raw.Architecture ?? '',
    zone: raw.Placement?.AvailabilityZone ?? '',
    rootDevice: raw.RootDeviceName ?? '',
    tags: tagsOf(raw.Tags),
    volumes: (raw.BlockDeviceMappings ?? []).flatMap(({DeviceName, Ebs}) =>
      Ebs?.VolumeId === undefined ? [] : [{id: Ebs.VolumeId as VolumeId, device: DeviceName ?? ''}],
    ),
    ...addressesOf(raw),
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html */
function isHibernated({State, StateReason}: RawInstance): boolean {
  return State?.Name === 'stopped' && StateReason?.Code === 'Client.UserInitiatedHibernate';
}

/** As far as it has them: one that is stopped keeps no public address. */
export function addressesOf({
  PublicIpAddress,
  PrivateIpAddress,
}: RawInstance): Pick<Instance, 'publicAddress' | 'privateAddress'> {
  return {
    ...(PublicIpAddress && {publicAddress: PublicIpAddress}),
    ...(PrivateIpAddress && {privateAddress: PrivateIpAddress}),
  };
}

/** Filter values are patterns: `*`, `?` and the backslash stand for themselves only behind a backslash. */
export function literal(value: string): string {
  return value.replace(/[*?\\]/g, '\\$&');
}

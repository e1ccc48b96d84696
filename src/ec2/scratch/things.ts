/** Everything temporary in a region, as it is listed. */
import type {Filter} from '@aws-sdk/client-ec2';
import {pages} from '../client.ts';
import {tagsOf} from '../tags.ts';
import type {Place} from './patience.ts';
import {readTemporary, scratchPattern, TEMPORARY_TAG, type Temporary} from './temporary-tag.ts';

export type ThingKind = 'instance' | 'volume' | 'security-group' | 'key-pair';

export interface Thing {
  readonly kind: ThingKind;
  readonly id: string;
  /** When we have made it, by EC2's clock; for what was listed it does not matter. */
  readonly madeMs?: number;
}

/** A thing whose tags say that it is ours and temporary. */
export interface TaggedThing extends Thing, Temporary {
  /** EC2 does not tell it of security groups. */
  readonly createdMs?: number;
}

/** Of one scratch, or all; terminated instances are no things any more. */
export async function temporaryThings(place: Place, scratch?: string): Promise<TaggedThing[]> {
  const Filters: Filter[] =
    scratch === undefined
      ? [{Name: 'tag-key', Values: [TEMPORARY_TAG]}]
      : [{Name: `tag:${TEMPORARY_TAG}`, Values: [scratchPattern(scratch)]}];
  const lists = await Promise.all([
    instances(place, Filters),
    volumes(place, Filters),
    groups(place, Filters),
    keyPairs(place, Filters),
  ]);
  return lists.flat().flatMap(({tags, created, ...thing}) => {
    const temporary = readTemporary(tagsOf(tags));
    return temporary ? [{...thing, ...temporary, ...(created && {createdMs: created.getTime()})}] : [];
  });
}

interface Listed extends Thing {
  readonly tags: Parameters<typeof tagsOf>[0];
  readonly created?: Date | undefined;
}

const NOT_TERMINATED = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];

async function instances({ec2, region, signal}: Place, filters: readonly Filter[]): Promise<Listed[]> {
  const found: Listed[] = [];
  const Filters = [...filters, {Name: 'instance-state-name', Values: NOT_TERMINATED}];
  for await (const {Reservations = []} of pages(ec2, region, 'DescribeInstances', {Filters}, signal)) {
    for (const {InstanceId: id = '', Tags: tags, LaunchTime: created} of Reservations.flatMap(
      ({Instances = []}) => Instances,
    ))
      found.push({kind: 'instance', id, tags, created});
  }
  return found;
}

async function volumes({ec2, region, signal}: Place, filters: readonly Filter[]): Promise<Listed[]> {
  const found: Listed[] = [];
  const Filters = [...filters];
  for await (const {Volumes = []} of pages(ec2, region, 'DescribeVolumes', {Filters}, signal)) {
    for (const {VolumeId: id = '', Tags: tags, CreateTime: created} of Volumes)
      found.push({kind: 'volume', id, tags, created});
  }
  return found;
}

async function groups({ec2, region, signal}: Place, filters: readonly Filter[]): Promise<Listed[]> {
  const found: Listed[] = [];
  const Filters = [...filters];
  for await (const page of pages(ec2, region, 'DescribeSecurityGroups', {Filters}, signal)) {
    for (const {GroupId: id = '', Tags: tags} of page.SecurityGroups ?? [])
      found.push({kind: 'security-group', id, tags});
  }
  return found;
}

async function keyPairs({ec2, region, signal}: Place, filters: readonly Filter[]): Promise<Listed[]> {
  const {KeyPairs = []} = await ec2.call(region, 'DescribeKeyPairs', {Filters: [...filters]}, signal);
  return KeyPairs.map(({KeyPairId: id = '', Tags: tags, CreateTime: created}) => ({
    kind: 'key-pair',
    id,
    tags,
    created,
  }));
}

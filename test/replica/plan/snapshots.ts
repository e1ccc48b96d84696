/** Snapshots that tests of the plan are made of, read as EC2 would list them. */
import type {Region, SnapshotId} from '../../../src/ec2/ids.ts';
import {isDescribedByFabfile, NO_VOLUME, readOrigin} from '../../../src/ec2/snapshots/origin.ts';
import type {SnapshotState} from '../../../src/ec2/snapshots/snapshots.ts';
import type {Source} from '../../../src/replica/plan/source.ts';

export const IRELAND = 'eu-west-1' as Region;
export const FRANKFURT = 'eu-central-1' as Region;
export const NOW = Date.parse('2026-11-21T12:00:00Z');

export interface Listed {
  readonly id: string;
  readonly region?: Region;
  readonly volume?: string;
  readonly state?: SnapshotState;
  readonly tags?: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly startedAt?: string;
  readonly isArchived?: boolean;
  readonly sizeGiB?: number;
}

/** As it is listed in Ireland, unless another region is given. */
export function listed({id, region = IRELAND, volume = 'vol-1', ...more}: Listed): Source {
  const {state = 'completed', tags = {}, description = '', isArchived = false, sizeGiB = 8} = more;
  const StartTime = new Date(more.startedAt ?? '2026-11-01T00:00:00Z');
  const Tags = Object.entries(tags).map(([Key, Value]) => ({Key, Value}));
  const origin = readOrigin({VolumeId: volume, Description: description, StartTime, Tags});
  return {
    id: id as SnapshotId,
    region,
    state,
    progress: '',
    sizeGiB,
    origin,
    owner: '123456789012',
    tags,
    description,
    startedMs: StartTime.getTime(),
    isArchived,
    isEncrypted: false,
    isCopy: volume === NO_VOLUME || origin.sourceSnapshot !== undefined,
    hasFabfileDescription: isDescribedByFabfile(description),
  };
}

/** One of ftask's own. */
export function own(id: string, time: string, more: Partial<Listed> = {}): Source {
  const {volume = 'vol-1', region = IRELAND} = more;
  const tags = {'ftask:volume': volume, 'ftask:region': region, 'ftask:time': time, ...more.tags};
  return listed({id, ...more, volume, region, tags});
}

/** What ftask makes of it in another region. */
export function replicaOf(source: Source, id: string, more: Partial<Listed> = {}): Source {
  const {volume, region = source.region, timeMs} = source.origin;
  const tags = {
    'ftask:volume': volume,
    'ftask:region': region,
    'ftask:time': new Date(timeMs).toISOString(),
    'ftask:source-snapshot': source.id,
  };
  const {description, sizeGiB} = source;
  return listed({id, region: FRANKFURT, volume: NO_VOLUME, tags, description, sizeGiB, ...more});
}

/** As Python's json.dumps writes django_fabfile's description. */
export function fabfileText(time: string, {volume = 'vol-1', region = 'eu-west-1'} = {}): string {
  return `{"Volume": "${volume}", "Region": "${region}", "Device": "/dev/sda1", "Instance": "i-1", "Type": "m1.small", "Arch": "i386", "Root_dev_name": "/dev/sda1", "Time": "${time}"}`;
}

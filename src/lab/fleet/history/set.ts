/** The snapshots of one instance at one moment of a history, with their copies and what uses them. */
import {newId} from '../../random.ts';
import type {Changes} from '../../state/changes.ts';
import {type Instance, NO_VOLUME, type Snapshot, type Tags} from '../../state/entities.ts';
import {type Disk, MAKERS} from './makers.ts';
import type {Moment} from './moments.ts';
import type {History} from './schema.ts';

const HOUR_MS = 60 * 60 * 1000;
/** For this long a copy is under way: one may try what replication does with it. */
const COPYING_MS = 10 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const OTHER_ACCOUNT = '210987654321';

interface Making {
  readonly instance: Instance;
  readonly disks: readonly Disk[];
  readonly moment: Moment;
  readonly history: History;
  readonly now: number;
  readonly random: () => number;
  readonly changes: Changes;
}

/** Adds one snapshot a disk, their copies in other regions, and the image that is made of them. */
export function addSet(making: Making): void {
  const {instance, disks, history, changes} = making;
  const {particulars} = making.moment;
  if (particulars.has('missing')) return;
  const snapshots = snapshotsOf(making);
  for (const snapshot of snapshots) changes.put('snapshot', snapshot);
  if (particulars.has('in_image')) addImage(instance, disks, snapshots, making);
  if (particulars.has('pending') || particulars.has('error')) return;
  for (const region of history.replicas) {
    for (const [index, snapshot] of snapshots.entries()) {
      changes.put('snapshot', replicaOf(snapshot, disks[index]?.device ?? '', region, making));
    }
  }
}

function snapshotsOf({instance, disks, moment, history, now, random}: Making): Snapshot[] {
  const {timeMs, time, run, particulars} = moment;
  const written = MAKERS[history.made_by]({instance, disks, time, run});
  const extra: Tags = {
    ...history.tags,
    ...(particulars.has('pinned') && {'ftask:pin': 'keep'}),
    ...(particulars.has('preserved') && {preserve_snapshot: 'yes'}),
  };
  return written.map(({volume, tags, description}) => ({
    id: newId('snap', random),
    region: volume.region,
    owner: volume.owner,
    tags: {...tags, ...extra},
    createdAt: timeMs,
    visibleAt: timeMs,
    volumeId: volume.id,
    lineage: volume.id,
    sizeGiB: volume.sizeGiB,
    description,
    encrypted: volume.encrypted,
    kmsKeyId: volume.kmsKeyId,
    beginsAt: timeMs,
    completesAt: particulars.has('pending') ? now + DAY_MS : timeMs,
    failure: particulars.has('error') ? 'Client.InternalError: Client error on snapshot' : undefined,
    sharedWith: particulars.has('shared') ? [OTHER_ACCOUNT] : [],
    isPublic: false,
    lock: particulars.has('locked')
      ? {mode: 'governance', createdAt: timeMs, expiresAt: now + YEAR_MS}
      : undefined,
    archivedAt: particulars.has('archived') ? timeMs + HOUR_MS : undefined,
  }));
}

/** A copy as the maker makes it: django_fabfile's is a snapshot of a volume that it wrote, ftask's is CopySnapshot's. */
function replicaOf(
  source: Snapshot,
  device: string,
  region: string,
  {moment, history, now, random}: Making,
): Snapshot {
  const createdAt = Math.min(source.createdAt + HOUR_MS, now);
  const isFtask = history.made_by === 'ftask';
  return {
    ...source,
    id: newId('snap', random),
    region,
    kmsKeyId: source.kmsKeyId?.replace(source.region, region),
    volumeId: isFtask ? NO_VOLUME : newId('vol', random),
    tags: isFtask ? replicaTags(source, device) : source.tags,
    createdAt,
    visibleAt: createdAt,
    beginsAt: createdAt,
    completesAt: moment.particulars.has('copying') ? now + COPYING_MS : createdAt,
    copyOf: isFtask ? {region: source.region, id: source.id} : undefined,
    content: source.id,
    sharedWith: [],
    lock: undefined,
    archivedAt: undefined,
  };
}

/** Of one set each copy says for itself what it is of, as its volume's id no longer does. */
function replicaTags({id, volumeId, tags}: Snapshot, device: string): Tags {
  const {'ftask:devices': _set, ...others} = tags;
  return {...others, 'ftask:volume': volumeId, 'ftask:device': device, 'ftask:source-snapshot': id};
}

function addImage(
  {region, owner, tags, architecture, rootDevice}: Instance,
  disks: readonly Disk[],
  snapshots: readonly Snapshot[],
  {moment: {timeMs, time}, random, changes}: Making,
): void {
  const id = newId('ami', random);
  changes.put('image', {
    id,
    region,
    owner,
    tags: {},
    createdAt: timeMs,
    visibleAt: timeMs,
    name: `${tags['Name']} ${time.slice(0, 10)} ${id}`,
    description: `Made of snapshots of ${tags['Name']}`,
    architecture,
    rootDevice,
    availableAt: timeMs,
    isPublic: false,
    disks: disks.map(({volume, device}, index) => ({
      device,
      snapshotId: snapshots[index]?.id ?? '',
      sizeGiB: volume.sizeGiB,
      type: volume.type,
      deleteOnTermination: true,
    })),
  });
}

/** What a backup tells of each volume. */
import type {Region} from '../ec2/ids.ts';
import type {Snapshot} from '../ec2/snapshots/snapshots.ts';
import {plannedLevel} from './consistency/enough.ts';
import type {Reached} from './consistency/reached.ts';
import type {MadeSet} from './make-set.ts';
import type {PlannedSet} from './plan.ts';
import type {Backup, VolumeBackup} from './request.ts';

/** What would be made of a set: in a dry run there are no snapshots. */
export function plannedRows({run, ec2, request}: Backup, region: Region, set: PlannedSet): VolumeBackup[] {
  return set.volumes.map((volume) => ({
    snapshotId: null,
    volumeId: volume.id,
    instanceId: set.instance.id,
    device: volume.device,
    region,
    set: `${run.runId}/${run.step}/${set.instance.id}`,
    state: 'planned',
    consistency: plannedLevel(set, volume.id, request.consistent),
    time: new Date(ec2.clock.now()).toISOString(),
    sizeGiB: volume.sizeGiB,
  }));
}

/** What was made of a set. */
export function rowsOf(region: Region, set: PlannedSet, {snapshots, reached}: MadeSet): VolumeBackup[] {
  return snapshots.map((snapshot) => ({
    ...rowOf(region, set, snapshot),
    ...(reached && stillnessOf(snapshot, reached)),
  }));
}

function rowOf(region: Region, set: PlannedSet, {id, origin, state, sizeGiB}: Snapshot): VolumeBackup {
  return {
    snapshotId: id,
    volumeId: origin.volume,
    instanceId: set.instance.id,
    device: set.volumes.find((volume) => volume.id === origin.volume)?.device ?? origin.device ?? '',
    region,
    set: origin.set ?? '',
    state,
    consistency: origin.consistency ?? 'crash',
    time: new Date(origin.timeMs).toISOString(),
    sizeGiB,
  };
}

function stillnessOf(
  {origin}: Snapshot,
  {frozenMs, filesystems}: Reached,
): Pick<VolumeBackup, 'frozenMs' | 'filesystems'> {
  const own = filesystems.filter(({volumes}) => volumes.includes(origin.volume));
  return {
    frozenMs: frozenMs === undefined ? null : Math.round(frozenMs),
    filesystems: own.map(({volumes, ...filesystem}) => filesystem),
  };
}

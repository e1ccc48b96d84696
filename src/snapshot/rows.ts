/** What a backup tells of each volume. */
import type {Region} from '../ec2/ids.ts';
import type {Snapshot} from '../ec2/snapshots.ts';
import type {PlannedSet} from './plan.ts';
import type {Backup, VolumeBackup} from './request.ts';

/** What would be made of a set: in a dry run there are no snapshots. */
export function plannedRows({run, ec2}: Backup, region: Region, set: PlannedSet): VolumeBackup[] {
  return set.volumes.map((volume) => ({
    snapshotId: null,
    volumeId: volume.id,
    instanceId: set.instance.id,
    device: volume.device,
    region,
    set: `${run.runId}/${run.step}/${set.instance.id}`,
    state: 'planned',
    consistency: 'crash',
    time: new Date(ec2.clock.now()).toISOString(),
    sizeGiB: volume.sizeGiB,
  }));
}

/** What was made of a volume. */
export function rowOf(region: Region, set: PlannedSet, {id, origin, state, sizeGiB}: Snapshot): VolumeBackup {
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

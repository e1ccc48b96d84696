/** Whether a snapshot can be mounted where it is wanted, before anything is made. */
import type {Ec2} from '../../ec2/client.ts';
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import {findInstance, type Instance} from '../../ec2/instances.ts';
import {chooseRegions} from '../../ec2/regions.ts';
import {RefusedError} from '../../errors.ts';
import type {MountSnapshotRequest, MountTools} from './request.ts';

export interface CheckedSnapshot {
  readonly isEncrypted: boolean;
  readonly sizeGiB: number;
}

/** @throws RefusedError when it is not in the region, not complete, or in the archive */
export async function checkSnapshot(
  {ec2, regions, run}: MountTools,
  {region, snapshot: id}: MountSnapshotRequest,
): Promise<CheckedSnapshot> {
  const snapshot = await find(ec2, region, id, run.signal);
  if (!snapshot) throw await notHere({ec2, regions, run}, region, id);
  const {State, StateMessage, Progress, StorageTier, Encrypted = false, VolumeSize = 0} = snapshot;
  if (State === 'pending')
    throw notUsable(`${id} is not complete yet (${Progress || '0%'})`, 'Wait until it is.');
  if (State !== 'completed') {
    const why = StateMessage ? `: ${StateMessage}` : '';
    throw notUsable(`${id} is in state ${State}${why}`, 'Take another snapshot of the same volume.');
  }
  if (StorageTier === 'archive')
    throw notUsable(`${id} is in the archive`, 'Restore it first: aws ec2 restore-snapshot-tier.');
  return {isEncrypted: Encrypted, sizeGiB: VolumeSize};
}

/** The running instance that was asked for. @throws RefusedError */
export async function checkInstance(
  {ec2, run}: MountTools,
  {region, instance: id}: MountSnapshotRequest,
): Promise<Instance | undefined> {
  if (id === undefined) return undefined;
  const instance = await findInstance(ec2, region, id, run.signal);
  if (!instance) throw notUsable(`there is no instance ${id} in ${region}`, 'Check the id, and --region.');
  if (instance.state === 'running') return instance;
  throw notUsable(`${id} is ${instance.state}`, 'Start it first, or leave out --instance-id.');
}

async function find(ec2: Ec2, region: Region, id: SnapshotId, signal: AbortSignal) {
  // A filter, not SnapshotIds: an unknown id is then an empty answer and not an error.
  const Filters = [{Name: 'snapshot-id', Values: [id]}];
  const {Snapshots = []} = await ec2.call(region, 'DescribeSnapshots', {Filters}, signal);
  return Snapshots[0];
}

async function notHere(
  {ec2, regions, run}: Pick<MountTools, 'ec2' | 'regions' | 'run'>,
  region: Region,
  id: SnapshotId,
): Promise<RefusedError> {
  const others = await chooseRegions(ec2, {allowed: regions}, run.signal);
  const looks = others.map(async (other) => ((await find(ec2, other, id, run.signal)) ? other : undefined));
  const found = (await Promise.all(looks)).find((other) => other !== undefined);
  const message = `there is no snapshot ${id} in ${region}`;
  return notUsable(
    message,
    found ? `It is in ${found}: --region ${found}` : 'No region has it; check the id.',
  );
}

function notUsable(message: string, hint: string): RefusedError {
  return new RefusedError('NotMountable', message, {hint});
}

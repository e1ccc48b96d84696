/** What tests of the method rsync do with a scene: replicate one snapshot, and make sources and bases of any kind. */
import assert from 'node:assert/strict';
import type {Ended} from '../ftask.ts';
import {type LabSnapshot, tagOf} from '../lab.ts';
import {FROM, type Scene, sourceIn, TO, until} from './scene.ts';

export interface Row {
  readonly snapshotId: string;
  readonly state: string;
  readonly sizeGiB: number;
}

/** Runs it to its end, whatever that is. */
export function rsyncSnapshot(scene: Scene, source: string, ...words: string[]): Promise<Ended> {
  const where = ['--src-region-name', FROM, '--dst-region-name', TO, '--snapshot-id', source];
  return scene.ftask('rsync_snapshot', ...where, '--method', 'rsync', '--json', ...words);
}

/** The replica, with what was told on the way. */
export async function replicaBy(
  scene: Scene,
  source: string,
  ...words: string[]
): Promise<Row & {readonly told: string}> {
  const {code, stdout, stderr} = await rsyncSnapshot(scene, source, ...words);
  assert.equal(code, 0, stderr);
  return {...JSON.parse(stdout).tasks[0].result[0], told: stderr};
}

/** A volume in the source region that is attached to the instance with data for as long as `work` takes. */
export async function withVolume<Value>(
  scene: Scene,
  input: {readonly Size: number; readonly Encrypted?: boolean; readonly SnapshotId?: string},
  work: (device: string, volumeId: string) => Promise<Value>,
): Promise<Value> {
  const ec2 = scene.ec2(FROM);
  const instance = sourceIn(FROM);
  const {Placement, InstanceId} = await instanceNamed(scene, FROM, instance);
  const AvailabilityZone = Placement?.AvailabilityZone;
  const {VolumeId = ''} = await ec2.createVolume({...input, AvailabilityZone, VolumeType: 'gp3'});
  const isAvailable = async () =>
    (await ec2.describeVolumes({VolumeIds: [VolumeId]}).catch(() => ({Volumes: []}))).Volumes?.[0]?.State ===
    'available';
  await until(`${VolumeId} is available`, isAvailable);
  await ec2.attachVolume({VolumeId, InstanceId, Device: '/dev/sdh'});
  const device = `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VolumeId.replace('-', '')}`;
  await until(`${VolumeId} is attached`, () =>
    scene.ssh(instance, `test -b ${device}`).then(
      () => true,
      () => false,
    ),
  );
  const value = await work(device, VolumeId);
  await ec2.detachVolume({VolumeId});
  await until(`${VolumeId} is detached`, isAvailable);
  await ec2.deleteVolume({VolumeId});
  return value;
}

/** Snapshots a volume of the source region with these tags, and waits for it. */
export async function snapshotWith(
  scene: Scene,
  VolumeId: string,
  tags: Readonly<Record<string, string>>,
): Promise<string> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({Key, Value}));
  const TagSpecifications = [{ResourceType: 'snapshot' as const, Tags}];
  const {SnapshotId = ''} = await scene.ec2(FROM).createSnapshot({VolumeId, TagSpecifications});
  await completed(scene, FROM, SnapshotId);
  return SnapshotId;
}

/** Lets a replica stand for one of another snapshot's volume: the newest there is. */
export async function disguise(scene: Scene, replica: string, source: string): Promise<string> {
  const of = await snapshotNamed(scene, source);
  const tags = {
    ...lineageOf(of),
    'ftask:time': new Date(Date.parse(tagOf(of, 'ftask:time') ?? '') - 1000).toISOString(),
    'ftask:source-snapshot': 'snap-00000000000000000',
  };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({Key, Value}));
  const TagSpecifications = [{ResourceType: 'snapshot' as const, Tags}];
  const input = {SourceRegion: TO, SourceSnapshotId: replica, TagSpecifications};
  const {SnapshotId = ''} = await scene.ec2(TO).copySnapshot(input);
  await completed(scene, TO, SnapshotId);
  return SnapshotId;
}

/** The tags that say of which volume a snapshot is. */
export function lineageOf(snapshot: LabSnapshot): Record<string, string> {
  return {'ftask:volume': tagOf(snapshot, 'ftask:volume') ?? snapshot.VolumeId, 'ftask:region': FROM};
}

export async function snapshotNamed(scene: Scene, id: string): Promise<LabSnapshot> {
  const found = (await scene.snapshots(FROM)).find(({SnapshotId}) => SnapshotId === id);
  assert.ok(found, `${id} is there`);
  return found;
}

export async function instanceNamed(scene: Scene, region: string, name: string) {
  const Filters = [{Name: 'tag:Name', Values: [name]}];
  const {Reservations = []} = await scene.ec2(region).describeInstances({Filters});
  const instance = Reservations[0]?.Instances?.[0];
  assert.ok(instance, `${name} is there`);
  return instance;
}

/** How often an action was called since the lab was started. */
export async function callsOf(scene: Scene, action: string): Promise<number> {
  const {calls} = (await (await fetch(`${scene.url}/_lab/calls`)).json()) as {calls: {action: string}[]};
  return calls.filter((call) => call.action === action).length;
}

async function completed(scene: Scene, region: string, id: string): Promise<void> {
  await until(`${id} is completed`, async () => {
    const {Snapshots = []} = await scene.ec2(region).describeSnapshots({OwnerIds: ['self']});
    return Snapshots.some(({SnapshotId, State}) => SnapshotId === id && State === 'completed');
  });
}

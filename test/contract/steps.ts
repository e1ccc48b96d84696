/** What a case of the contract is, and the steps that cases share. */
import assert from 'node:assert/strict';
import type {EC2, Instance, Snapshot} from '@aws-sdk/client-ec2';

export interface Endpoint {
  /** A client for a region of it, without retries. */
  client(region: string): EC2;
  /** Waits so many of its seconds. */
  seconds(count: number): Promise<void>;
}

export interface Case {
  readonly title: string;
  readonly run: (endpoint: Endpoint) => Promise<void>;
}

/** Where all is made that is not said to be elsewhere. */
export const REGION = 'eu-west-1';
export const OTHER_REGION = 'eu-central-1';

/** A running instance of two volumes, of 8 and 2 GiB, tagged with the case that it belongs to. */
export async function launch(endpoint: Endpoint, name: string): Promise<Instance> {
  const client = endpoint.client(REGION);
  const {Images = []} = await client.describeImages({Owners: ['amazon']});
  const {ImageId = 'ami-12345678', RootDeviceName = '/dev/sda1'} = Images[0] ?? {};
  const {Instances = []} = await client.runInstances({
    ImageId,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    BlockDeviceMappings: [
      {DeviceName: RootDeviceName, Ebs: {VolumeSize: 8}},
      {DeviceName: '/dev/sdf', Ebs: {VolumeSize: 2}},
    ],
    TagSpecifications: [{ResourceType: 'instance', Tags: [{Key: 'case', Value: name}]}],
  });
  const InstanceIds = [Instances[0]?.InstanceId ?? ''];
  for (let attempt = 0; attempt < 60; attempt += 1) {
    await endpoint.seconds(5);
    const {Reservations = []} = await client.describeInstances({
      Filters: [{Name: 'instance-id', Values: InstanceIds}],
    });
    const instance = Reservations[0]?.Instances?.[0];
    if (instance?.State?.Name === 'running' && instance.BlockDeviceMappings?.length === 2) return instance;
  }
  return assert.fail(`${name} does not run`);
}

export interface SetOptions {
  readonly run: string;
  readonly extra?: {Key: string; Value: string}[];
  readonly ExcludeBootVolume?: boolean;
  readonly ExcludeDataVolumeIds?: string[];
}

/** One snapshot a volume of the instance. */
export async function snapshotAll(
  endpoint: Endpoint,
  {InstanceId = ''}: Instance,
  {run, extra = [], ...exclude}: SetOptions,
  copyTags?: 'volume',
) {
  const {Snapshots = []} = await endpoint.client(REGION).createSnapshots({
    InstanceSpecification: {InstanceId, ...exclude},
    Description: 'contract',
    TagSpecifications: [{ResourceType: 'snapshot', Tags: [{Key: 'run', Value: run}, ...extra]}],
    ...(copyTags && {CopyTagsFromSource: copyTags}),
  });
  return Snapshots;
}

/** The snapshots of a run, waiting until as many as there should be can be seen: one a volume. */
export async function byRun(endpoint: Endpoint, run: string, least = 2): Promise<Snapshot[]> {
  const Filters = [{Name: 'tag:run', Values: [run]}];
  for (let attempt = 0; ; attempt += 1) {
    const {Snapshots = []} = await endpoint.client(REGION).describeSnapshots({Filters, OwnerIds: ['self']});
    if (Snapshots.length >= least || attempt >= 30) return Snapshots;
    await endpoint.seconds(2);
  }
}

/** Waits until all snapshots of a run have completed. */
export async function completed(endpoint: Endpoint, run: string): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const snapshots = await byRun(endpoint, run);
    if (snapshots.every(({State}) => State === 'completed')) return;
    await endpoint.seconds(10);
  }
  assert.fail(`the snapshots of ${run} do not complete`);
}

/** Holds that a call fails with such an error. */
export async function rejects(call: Promise<unknown>, code: RegExp): Promise<void> {
  await assert.rejects(call, (error: Error) => {
    assert.match(error.name, code);
    return true;
  });
}

/** The ids of its volumes, in order. */
export function volumesOf({BlockDeviceMappings = []}: Instance): string[] {
  return BlockDeviceMappings.map(({Ebs}) => Ebs?.VolumeId ?? '').sort();
}

/** The volume that it does not boot from. */
export function dataVolumeOf({BlockDeviceMappings = []}: Instance): string {
  return BlockDeviceMappings.find(({DeviceName}) => DeviceName === '/dev/sdf')?.Ebs?.VolumeId ?? '';
}

/** The ids of snapshots, in order. */
export function ids(snapshots: readonly {readonly SnapshotId?: string}[] = []): string[] {
  return snapshots.map(({SnapshotId = ''}) => SnapshotId).sort();
}

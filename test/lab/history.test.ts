/** Snapshots that a lab begins with. */
import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {EC2, Snapshot} from '@aws-sdk/client-ec2';
import {readOrigin} from '../../src/ec2/snapshots/origin.ts';
import {parseFleet} from '../../src/lab/fleet/parse.ts';
import {FLEET, labFor} from './lab-client.ts';

const HOUR_MS = 3_600_000;
const WEB = {instances: ['web'], every: {'1d': '10d'}};

function labWith(t: TestContext, ...history: object[]) {
  return labFor(t, {fleet: {...FLEET, clock: {speed: 1}, history}});
}

/** One's own, the newest first. */
async function snapshotsOf(ec2: EC2): Promise<Snapshot[]> {
  const {Snapshots = []} = await ec2.describeSnapshots({OwnerIds: ['self']});
  return Snapshots.sort((a, b) => (b.StartTime?.getTime() ?? 0) - (a.StartTime?.getTime() ?? 0));
}

function ids(snapshots: readonly Snapshot[]): (string | undefined)[] {
  return snapshots.map(({SnapshotId}) => SnapshotId);
}

describe('the history of a lab', () => {
  test('is one set of snapshots at every multiple of each step', async (t) => {
    const {ec2, lab} = await labWith(t, {...WEB, every: {'1h': '1d', '1d': '10d'}, offset: '30m'});
    const origins = (await snapshotsOf(ec2)).map(readOrigin);
    const times = [...new Set(origins.map(({timeMs}) => timeMs))];
    assert.equal(origins.length, 2 * times.length);
    assert.ok(times.every((time) => (time - HOUR_MS / 2) % HOUR_MS === 0));
    const days = times.filter((time) => (time - HOUR_MS / 2) % (24 * HOUR_MS) === 0);
    assert.equal(days.length, 10);
    assert.equal(times.length, 24 + 9);
    assert.ok(times.every((time) => time <= lab.clock.now()));
  });

  test('is the same for the same file, and changes no other id', async (t) => {
    const [bare, one, two] = [await labFor(t), await labWith(t, WEB), await labWith(t, WEB)];
    const volumes = async (ec2: EC2) =>
      (await ec2.describeVolumes({})).Volumes?.map(({VolumeId}) => VolumeId);
    assert.deepEqual(await volumes(one.ec2), await volumes(bare.ec2));
    assert.deepEqual(ids(await snapshotsOf(one.ec2)), ids(await snapshotsOf(two.ec2)));
  });

  test('is that of volumes that were there before it', async (t) => {
    const {ec2} = await labWith(t, {...WEB, every: {'30d': '3000d'}});
    const {Volumes = []} = await ec2.describeVolumes({});
    const oldest = (await snapshotsOf(ec2)).at(-1)?.StartTime;
    assert.ok(oldest && Volumes.every(({CreateTime}) => CreateTime && CreateTime < oldest));
  });

  test('made by ftask or by django_fabfile is read as what it is of', async (t) => {
    const {ec2} = await labWith(t, WEB, {...WEB, made_by: 'django_fabfile', ended: '20d'});
    const {Volumes = []} = await ec2.describeVolumes({});
    const snapshots = await snapshotsOf(ec2);
    assert.equal(snapshots.length, 40);
    for (const snapshot of snapshots) {
      const origin = readOrigin(snapshot);
      const volume = Volumes.find(({VolumeId}) => VolumeId === origin.volume);
      assert.equal(origin.device, volume?.Attachments?.[0]?.Device);
      assert.equal(origin.instance, volume?.Attachments?.[0]?.InstanceId);
      assert.equal(origin.region, 'eu-west-1');
      assert.equal(origin.timeMs, snapshot.StartTime?.getTime());
    }
    assert.equal(new Set(snapshots.map((snapshot) => readOrigin(snapshot).set)).size, 11);
    assert.ok(snapshots[39]?.Tags?.every(({Key}) => !Key?.startsWith('ftask:')));
  });

  test('of other tools bears their marks', async (t) => {
    const once = {instances: ['web'], every: {'1d': '1d'}};
    const {ec2} = await labWith(
      t,
      {...once, made_by: 'dlm'},
      {...once, made_by: 'aws_backup'},
      {...once, made_by: 'hand'},
    );
    const keys = (await snapshotsOf(ec2)).map(({Tags = []}) => Tags.map(({Key}) => Key));
    const count = (key: string) => keys.filter((own) => own.includes(key)).length;
    assert.deepEqual(
      [count('aws:dlm:lifecycle-policy-id'), count('aws:backup:source-resource'), keys.length],
      [2, 2, 6],
    );
  });

  test('has copies in other regions, without a volume but with the source', async (t) => {
    const client = await labWith(t, {
      ...WEB,
      replicas: ['us-east-1'],
      particular: {copying: [0], error: [1]},
    });
    const sources = await snapshotsOf(client.ec2);
    const copies = await snapshotsOf(client.in('us-east-1'));
    assert.equal(copies.length, 18);
    for (const copy of copies) {
      const {sourceSnapshot, ...origin} = readOrigin(copy);
      const source = sources.find(({SnapshotId}) => SnapshotId === sourceSnapshot);
      assert.ok(source);
      assert.equal(copy.VolumeId, 'vol-ffffffff');
      assert.deepEqual(origin, readOrigin(source));
    }
    assert.equal(copies.filter(({State}) => State === 'pending').length, 2);
  });

  test('has what is particular at places counted from the newest', async (t) => {
    const {ec2} = await labWith(t, {
      ...WEB,
      particular: {
        missing: [0],
        pending: [1],
        error: [2],
        pinned: [3, 4],
        preserved: [4],
        locked: [5],
        archived: [6],
        shared: [7],
        in_image: [8],
        future: [9],
      },
    });
    const found = await snapshotsOf(ec2);
    assert.equal(found.length, 18);
    const at = (place: number) => found.slice((place - 1) * 2, place * 2);
    const where = (test: (snapshot: Snapshot) => unknown) => ids(found.filter(test)).sort();
    const expected = (...places: number[]) => places.flatMap((place) => ids(at(place))).sort();
    const has = (key: string) => where(({Tags = []}) => Tags.some(({Key}) => Key === key));
    assert.deepEqual(
      where(({State}) => State === 'pending'),
      expected(1),
    );
    assert.deepEqual(
      where(({State, StateMessage}) => State === 'error' && StateMessage),
      expected(2),
    );
    assert.deepEqual(has('ftask:pin'), expected(3, 4));
    assert.deepEqual(has('preserve_snapshot'), expected(4));
    const {Snapshots: locked = []} = await ec2.describeLockedSnapshots({});
    assert.deepEqual(ids(locked).sort(), expected(5));
    assert.deepEqual(
      where(({StorageTier}) => StorageTier === 'archive'),
      expected(6),
    );
    const [shared] = at(7);
    const {CreateVolumePermissions} = await ec2.describeSnapshotAttribute({
      SnapshotId: shared?.SnapshotId,
      Attribute: 'createVolumePermission',
    });
    assert.equal(CreateVolumePermissions?.length, 1);
    const {Images = []} = await ec2.describeImages({Owners: ['self']});
    const used = Images[0]?.BlockDeviceMappings?.map(({Ebs}) => Ebs?.SnapshotId);
    assert.deepEqual(used?.sort(), expected(8));
    assert.deepEqual(
      where((one) => readOrigin(one).timeMs > Date.now()),
      expected(9),
    );
  });

  test('is refused when it never ends, or is of what does not exist', () => {
    const refused = (history: string) => () =>
      parseFleet(`regions: {eu-west-1: {}}\nhistory: [${history}]`, 'my.yaml');
    assert.throws(refused('{every: {0h: 1d}}'), /my\.yaml:2: history\.0\.every: must have durations/);
    assert.throws(refused('{every: {}}'), /history\.0\.every: must say how often/);
    assert.throws(refused('{every: {1h: long}}'), /history\.0\.every\.1h: must be a duration/);
    assert.throws(refused('{every: {1h: 1d}, particular: {odd: [1]}}'), /history\.0\.particular/);
    assert.throws(refused('{every: {1h: 1d}, instances: [web]}'), /history\.0\.instances: no instance web/);
    assert.throws(refused('{every: {1h: 1d}, replicas: [eu-west-9]}'), /history\.0: no region eu-west-9/);
  });
});

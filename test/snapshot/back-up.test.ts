/** Backing up a fleet, in one process with a lab: what is told of what was made, whatever goes wrong. */
import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import type {Ec2} from '../../src/ec2/client.ts';
import {InterruptedError} from '../../src/errors.ts';
import {SomeFailed} from '../../src/runner/outcome.ts';
import {backUp} from '../../src/snapshot/back-up.ts';
import type {VolumeBackup} from '../../src/snapshot/request.ts';
import {clientOf, ec2Of, labFor, QUICK} from '../lab/lab-client.ts';
import {bareContext} from '../runner/run-context.ts';
import {BACKUP_REQUEST} from './backup-request.ts';

/** So many instances of two volumes each, in eu-west-1. */
function fleetOf(instances: number): object {
  return {
    ...QUICK,
    generate: [{instances, volumes: 2, regions: ['eu-west-1'], tags: {Earmarking: 'production'}}],
  };
}

async function openScene(t: TestContext, fleet: object, concurrency = 10) {
  const {lab} = await labFor(t, {fleet});
  const ec2 = ec2Of(t, lab, {concurrency});
  const controller = new AbortController();
  const run = bareContext({clock: lab.clock, signal: controller.signal});
  const made = async () => {
    const {Snapshots = []} = await clientOf(t, lab).ec2.describeSnapshots({OwnerIds: ['self']});
    return Snapshots;
  };
  return {lab, ec2, run, made, interrupt: () => controller.abort(new InterruptedError('SIGINT'))};
}

/** The snapshots that a backup tells of, however it ends. */
async function toldBy(backup: Promise<readonly VolumeBackup[]>): Promise<unknown[]> {
  const rows = await backup.catch((error) => {
    if (error instanceof SomeFailed) return error.result as readonly VolumeBackup[];
    throw error;
  });
  return rows.map(({snapshotId}) => snapshotId).sort();
}

function idsOf(snapshots: readonly {SnapshotId?: string | undefined}[]): unknown[] {
  return snapshots.map(({SnapshotId}) => SnapshotId).sort();
}

/** Lets `hook` act right before each CreateSnapshots. */
function beforeCreating(ec2: Ec2, hook: () => Promise<void>): Ec2 {
  return {
    ...ec2,
    call: async (region, action, input, signal) => {
      if (action === 'CreateSnapshots') await hook();
      return ec2.call(region, action, input, signal);
    },
  };
}

const broken = {action: 'CreateSnapshots', kind: 'snapshot-error', message: 'Volume is impaired'};

describe('a backup', () => {
  test('tells of every snapshot it made when the list of instances breaks off', async (t) => {
    const denied = {
      action: 'DescribeInstances',
      nth: 2,
      kind: 'error',
      code: 'UnauthorizedOperation',
      status: 403,
    };
    const {ec2, run, made} = await openScene(t, {...fleetOf(210), faults: [denied]}, 50);
    assert.deepEqual(await toldBy(backUp(run, ec2, BACKUP_REQUEST)), idsOf(await made()));
  });

  test('tells of every snapshot it made when it is interrupted', async (t) => {
    const listing = {action: 'DescribeInstances', nth: 2, kind: 'slow', ms: 60_000};
    const {ec2, run, made, interrupt} = await openScene(t, {...fleetOf(210), faults: [listing]});
    let calls = 0;
    const interrupted = beforeCreating(ec2, async () => {
      calls += 1;
      if (calls === 20) interrupt();
    });
    const told = await toldBy(backUp(run, interrupted, BACKUP_REQUEST));
    assert.ok(told.length > 0);
    assert.deepEqual(told, idsOf(await made()));
  });

  test('takes nothing for its own that an earlier task of the run made', async (t) => {
    const lost = {action: 'CreateSnapshots', nth: 2, kind: 'lost-request'};
    const {ec2, run, made} = await openScene(t, {...fleetOf(1), faults: [lost]});
    const first = await toldBy(backUp(run, ec2, BACKUP_REQUEST));
    const second = await toldBy(backUp(run, ec2, BACKUP_REQUEST));
    assert.deepEqual(idsOf(await made()), [...first, ...second].sort());
  });

  test('fails an instance of which a volume got no snapshot', async (t) => {
    const {lab, ec2, run, made} = await openScene(t, fleetOf(1));
    const {ec2: sdk} = clientOf(t, lab);
    const {Volumes = []} = await sdk.describeVolumes();
    const data = Volumes.find(({Attachments}) => Attachments?.[0]?.Device !== '/dev/xvda');
    assert.ok(data?.VolumeId);
    const detached = beforeCreating(ec2, async () => {
      await sdk.detachVolume({VolumeId: data.VolumeId});
      await delay(5);
    });
    await assert.rejects(backUp(run, detached, BACKUP_REQUEST), (error) => {
      assert.ok(error instanceof SomeFailed);
      assert.match(error.failures[0]?.error.message ?? '', new RegExp(`no snapshot of ${data.VolumeId}`));
      return true;
    });
    const [snapshot] = await made();
    assert.ok(snapshot);
  });

  test('starts all instances while the snapshots of the first are under way', async (t) => {
    const fleet = {...fleetOf(8), timing: {...QUICK.timing, snapshot_seconds: [900, 900]}};
    const {ec2, run, made} = await openScene(t, fleet, 2);
    const rows = await backUp(run, ec2, {...BACKUP_REQUEST, synchronously: true, pollIntervalMs: 60_000});
    assert.ok(rows.every(({state}) => state === 'completed'));
    const starts = (await made()).map(({StartTime}) => StartTime?.getTime() ?? 0);
    assert.ok(Math.max(...starts) - Math.min(...starts) < 900_000);
  });
});

describe('a broken set', () => {
  test('is not made again when the run is resumed after it was replaced', async (t) => {
    const {ec2, run, made} = await openScene(t, {...fleetOf(1), faults: [{...broken, nth: 1}]});
    const told = await toldBy(backUp(run, ec2, {...BACKUP_REQUEST, synchronously: true}));
    assert.deepEqual(told, idsOf(await made()));
    const again = await toldBy(
      backUp({...run, resumed: true}, ec2, {...BACKUP_REQUEST, synchronously: true}),
    );
    assert.deepEqual(again, told);
    assert.deepEqual(idsOf(await made()), told);
  });

  test('is kept as long as its replacement is not complete', async (t) => {
    const {lab, ec2, run, made} = await openScene(t, {...fleetOf(1), faults: [{...broken, nth: 1}]});
    const first = await toldBy(backUp(run, ec2, BACKUP_REQUEST));
    await lab.clock.sleep(2_000);
    const second = await toldBy(backUp({...run, resumed: true}, ec2, BACKUP_REQUEST));
    assert.equal(second.length, 2);
    assert.deepEqual(idsOf(await made()), [...first, ...second].sort());
  });

  test('is kept when the wait for its replacement is interrupted', async (t) => {
    const {ec2, run, made, interrupt} = await openScene(t, {...fleetOf(1), faults: [{...broken, nth: 1}]});
    let calls = 0;
    const interrupted = beforeCreating(ec2, async () => {
      calls += 1;
      if (calls === 2) setTimeout(interrupt, 5);
    });
    const slow = {...BACKUP_REQUEST, synchronously: true, pollIntervalMs: 60_000};
    await toldBy(backUp(run, interrupted, slow));
    assert.equal((await made()).length, 4);
  });
});

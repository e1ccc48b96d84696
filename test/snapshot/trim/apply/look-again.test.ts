/** What happens between a plan and its deletes, in one process with a lab. */
import assert from 'node:assert/strict';
import {setMaxListeners} from 'node:events';
import {describe, type TestContext, test} from 'node:test';
import type {Ec2} from '../../../../src/ec2/client.ts';
import type {Journal} from '../../../../src/journal/journal.ts';
import {SomeFailed} from '../../../../src/runner/outcome.ts';
import {applyPlan} from '../../../../src/snapshot/trim/apply/apply-plan.ts';
import {makePlan} from '../../../../src/snapshot/trim/make/make-plan.ts';
import {candidatesOf} from '../../../../src/snapshot/trim/rows.ts';
import {trimSnapshots} from '../../../../src/snapshot/trim/trim.ts';
import {clientOf, ec2Of, labFor, QUICK} from '../../../lab/lab-client.ts';
import {bareContext} from '../../../runner/run-context.ts';
import {EU, SETTINGS} from '../planned.ts';

const FLEET = {
  ...QUICK,
  regions: {'eu-west-1': {instances: {web: {volumes: {'/dev/xvda': 8}}, db: {volumes: {'/dev/xvda': 8}}}}},
  history: [{every: {'1d': '40d'}}],
};

const REQUEST = {
  regions: [EU],
  copyRegions: [EU],
  settings: {...SETTINGS, policy: 'daily=3', minKeep: 1, maxDeletePercent: 100},
  dryRun: false,
};

const noJournal: Journal = {append: async () => {}, close: async () => {}};

async function openScene(t: TestContext) {
  const {lab} = await labFor(t, {fleet: FLEET});
  const ec2 = ec2Of(t, lab);
  const skipped = new Map<string, string>();
  const skip = ({item, reason}: {item: string; reason: string}) => void skipped.set(item, reason);
  const {signal} = new AbortController();
  setMaxListeners(0, signal);
  const run = bareContext({clock: lab.clock, signal, skip});
  const {plan} = await makePlan({ec2, progress: run.progress, signal: run.signal}, REQUEST);
  const applying = {run, ec2, journal: noJournal, rows: [], failures: []};
  return {ec2, run, plan, applying, skipped, other: clientOf(t, lab).ec2};
}

describe('just before a delete', () => {
  test('a volume whose newest snapshot is gone keeps all that are left, and another one loses its own', async (t) => {
    const {plan, applying, skipped, other} = await openScene(t);
    const [spared, trimmed] = plan.regions[0]?.lineages ?? [];
    const newest = spared?.snapshots.at(-1)?.id ?? '';
    await other.deleteSnapshot({SnapshotId: newest});
    await applyPlan(applying, plan);
    const {Snapshots = []} = await other.describeSnapshots({OwnerIds: ['self']});
    const left = (volume?: string) => Snapshots.filter(({VolumeId}) => VolumeId === volume).length;
    assert.equal(left(spared?.volume), 39);
    assert.equal(left(trimmed?.volume), trimmed?.snapshots.filter(({verdict}) => verdict === 'keep').length);
    assert.ok(skipped.size > 30);
    for (const reason of skipped.values()) assert.match(reason, new RegExp(`${newest}, is gone`));
  });

  test('what has another time or set by its tags now is kept', async (t) => {
    const {plan, applying, skipped, other} = await openScene(t);
    const [first, second] = candidatesOf(plan);
    const Tags = [{Key: 'ftask:time', Value: '2030-01-01T00:00:00Z'}];
    await other.createTags({Resources: [first?.snapshot.id ?? ''], Tags});
    await other.createTags({
      Resources: [second?.snapshot.id ?? ''],
      Tags: [{Key: 'ftask:set', Value: 'another'}],
    });
    await applyPlan(applying, plan);
    const reasons = [skipped.get(first?.snapshot.id ?? ''), skipped.get(second?.snapshot.id ?? '')];
    assert.deepEqual(reasons, ['has other tags now', 'has other tags now']);
    assert.equal(skipped.size, 2);
  });

  test('what somebody else has deleted is passed over', async (t) => {
    const {plan, applying, skipped, other} = await openScene(t);
    const [first] = candidatesOf(plan);
    await other.deleteSnapshot({SnapshotId: first?.snapshot.id ?? ''});
    await applyPlan(applying, plan);
    assert.deepEqual([...skipped], [[first?.snapshot.id, 'is gone already']]);
    assert.equal(applying.failures.length, 0);
    assert.equal(applying.rows.length, candidatesOf(plan).length - 1);
  });

  test('what an image has taken after the last look stays, since AWS says so', async (t) => {
    const {plan, ec2, run, skipped, other} = await openScene(t);
    const target = candidatesOf(plan)[0]?.snapshot.id ?? '';
    const registering = beforeDeleteOf(ec2, target, async () => {
      await other.registerImage({
        Name: 'late',
        RootDeviceName: '/dev/xvda',
        BlockDeviceMappings: [{DeviceName: '/dev/xvda', Ebs: {SnapshotId: target}}],
      });
    });
    const rows = await trimSnapshots({run, ec2: registering, journal: async () => noJournal}, REQUEST);
    assert.equal(rows.length, candidatesOf(plan).length - 1);
    assert.match(skipped.get(target) ?? '', /currently in use by ami-/);
  });

  test('a journal that cannot be written any more keeps what it would have told of', async (t) => {
    let told = 0;
    const journal: Journal = {
      ...noJournal,
      append: async () => {
        told += 1;
        if (told > 10) throw new SomeFailed('the disk is full', [], []);
      },
    };
    const {plan, applying, other} = await openScene(t);
    await applyPlan({...applying, journal}, plan);
    const {Snapshots = []} = await other.describeSnapshots({OwnerIds: ['self']});
    assert.equal(Snapshots.length, 80 - 10);
    assert.equal(applying.failures.length, candidatesOf(plan).length - 10);
  });
});

/** Lets `hook` act right before one snapshot is deleted. */
function beforeDeleteOf(ec2: Ec2, id: string, hook: () => Promise<void>): Ec2 {
  return {
    ...ec2,
    call: async (region, action, input, signal, around) => {
      if (action === 'DeleteSnapshot' && 'SnapshotId' in input && input.SnapshotId === id) await hook();
      return ec2.call(region, action, input, signal, around);
    },
  };
}

/** One snapshot of a volume of ours, whatever becomes of the answer, and the wait for it. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {LostAnswerError} from '../../../src/ec2/errors.ts';
import type {SnapshotId, VolumeId} from '../../../src/ec2/ids.ts';
import {awaitSnapshot} from '../../../src/ec2/snapshots/await-snapshot.ts';
import {createSnapshot} from '../../../src/ec2/snapshots/create-snapshot.ts';
import {ownSnapshots} from '../../../src/ec2/snapshots/own-snapshots.ts';
import {REGION, scratchLab, type TestLab} from '../scratch/lab.ts';

const {signal} = new AbortController();
const TAGS = {'ftask:source-snapshot': 'snap-0123456789abcdef0'};

async function volumeIn({ec2, web}: TestLab): Promise<VolumeId> {
  const Filters = [{Name: 'attachment.instance-id', Values: [web]}];
  const {Volumes = []} = await ec2.call(REGION, 'DescribeVolumes', {Filters});
  return Volumes[0]?.VolumeId as VolumeId;
}

async function create(lab: TestLab, before: () => void = () => {}): Promise<SnapshotId> {
  const request = {volume: await volumeIn(lab), description: 'of a copy', tags: TAGS};
  return createSnapshot(lab.ec2, REGION, request, {timeoutMs: 60 * 60_000, signal, before});
}

describe('a snapshot of a volume of ours', () => {
  test('has its description and its tags from the start', async (t) => {
    const lab = await scratchLab(t);
    const id = await create(lab);
    assert.ok(!(await lab.calls()).includes('CreateTags'));
    await lab.ec2.clock.sleep(10_000);
    const [snapshot, ...others] = await ownSnapshots(lab.ec2, REGION);
    assert.deepEqual(others, []);
    assert.equal(snapshot?.id, id);
    assert.equal(snapshot.description, 'of a copy');
    assert.deepEqual(snapshot.tags, TAGS);
  });

  test('is made once although its answer is lost', async (t) => {
    const lab = await scratchLab(t);
    await lab.fail({action: 'CreateSnapshot', nth: 1, kind: 'lost-answer'});
    const id = await create(lab);
    assert.deepEqual(
      (await ownSnapshots(lab.ec2, REGION)).map((one) => one.id),
      [id],
    );
  });

  test('waits while the region has as many under way as AWS allows', async (t) => {
    const lab = await scratchLab(t);
    const full = {action: 'CreateSnapshot', kind: 'error', code: 'PendingSnapshotLimitExceeded'};
    await lab.fail({...full, nth: 1});
    await create(lab);
    assert.equal((await lab.calls()).filter((action) => action === 'CreateSnapshot').length, 2);
  });

  test('is not made when somebody objects just before', async (t) => {
    const lab = await scratchLab(t);
    await lab.fail();
    const objecting = create(lab, () => {
      throw new Error('the lock is lost');
    });
    await assert.rejects(objecting, /the lock is lost/);
    assert.ok(!(await lab.calls()).includes('CreateSnapshot'));
  });

  test('that never arrives at AWS fails after a few tries', async (t) => {
    const lab = await scratchLab(t);
    await lab.fail({action: 'CreateSnapshot', probability: 1, kind: 'lost-request'});
    await assert.rejects(create(lab), LostAnswerError);
  });
});

describe('the wait for a snapshot', () => {
  const options = {intervalMs: 500, timeoutMs: 60_000, signal, onProgress: () => {}};

  test('ends when it is completed', async (t) => {
    const lab = await scratchLab(t);
    const snapshot = await awaitSnapshot(lab.ec2, REGION, await create(lab), options);
    assert.equal(snapshot?.state, 'completed');
  });

  test('ends when the time is over, with the snapshot as it is', async (t) => {
    const lab = await scratchLab(t);
    const id = await create(lab);
    await lab.ec2.clock.sleep(4500);
    const snapshot = await awaitSnapshot(lab.ec2, REGION, id, {...options, timeoutMs: -1});
    assert.equal(snapshot?.id, id);
  });

  test('ends with nothing when there is none', async (t) => {
    const lab = await scratchLab(t);
    const none = 'snap-00000000000000000' as SnapshotId;
    assert.equal(await awaitSnapshot(lab.ec2, REGION, none, {...options, intervalMs: 20_000}), undefined);
  });

  test('goes on when AWS or the network is away for a while', async (t) => {
    const lab = await scratchLab(t);
    const id = await create(lab);
    const away = {action: 'DescribeSnapshots', kind: 'error', status: 503, code: 'ServiceUnavailable'};
    await lab.fail(...[1, 2, 3, 4, 5].map((nth) => ({...away, nth})));
    assert.equal((await awaitSnapshot(lab.ec2, REGION, id, options))?.state, 'completed');
  });
});

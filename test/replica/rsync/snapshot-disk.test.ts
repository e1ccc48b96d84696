/** What is left under a replica's identity is complete, or goes on being made. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {createSnapshot} from '../../../src/ec2/snapshots/create-snapshot.ts';
import {SnapshotFailed} from '../../../src/ec2/snapshots/poller.ts';
import {StillBeingMade} from '../../../src/replica/method.ts';
import {adoptSnapshot, snapshotDisk} from '../../../src/replica/rsync/snapshot-disk.ts';
import {type RsyncScene, rsyncScene, TO} from './scene.ts';

const ALWAYS_BROKEN = {action: 'CreateSnapshot', kind: 'snapshot-error', message: 'the disk is gone'};

async function disk(scene: RsyncScene) {
  return {volume: await scene.volume(), sizeGiB: 8};
}

/** One that an earlier run has asked for. */
async function underWay({ec2, order, volume}: RsyncScene) {
  const {signal} = new AbortController();
  const {description, tags} = order;
  const request = {volume: await volume(), description, tags};
  return createSnapshot(ec2, TO, request, {timeoutMs: 0, signal, before: () => {}});
}

describe('the snapshot of a copy', () => {
  test('is complete when it is told of', async (t) => {
    const scene = await rsyncScene(t);
    const id = await snapshotDisk(scene, await disk(scene));
    assert.deepEqual(await scene.snapshots(), [[id, 'completed']]);
  });

  test('is made again when AWS gives it up, and the journal tells why the first one was deleted', async (t) => {
    const scene = await rsyncScene(t);
    await scene.fail({...ALWAYS_BROKEN, nth: 1});
    const id = await snapshotDisk(scene, await disk(scene));
    assert.deepEqual(await scene.snapshots(), [[id, 'completed']]);
    const [record, ...others] = await scene.journal();
    assert.deepEqual(others, []);
    assert.equal(record?.['event'], 'delete-snapshot');
    assert.equal(record['region'], TO);
    assert.match(String(record['why']), /ended in state error: the disk is gone/);
    assert.match(scene.notes.join(), /ended in state error.*, and was deleted; it is made again/);
  });

  test('fails when AWS gives it up again and again, and nothing is left of it', async (t) => {
    const scene = await rsyncScene(t);
    await scene.fail(ALWAYS_BROKEN);
    await assert.rejects(snapshotDisk(scene, await disk(scene)), SnapshotFailed);
    assert.deepEqual(await scene.snapshots(), []);
    assert.equal((await scene.journal()).length, 2);
  });

  test('is deleted when it is smaller than what was copied to', async (t) => {
    const scene = await rsyncScene(t);
    const larger = {...(await disk(scene)), sizeGiB: 9};
    await assert.rejects(snapshotDisk(scene, larger), /has 8 GiB instead of 9, and was deleted$/);
    assert.deepEqual(await scene.snapshots(), []);
  });

  test('is deleted when it is not encrypted as its source is', async (t) => {
    const scene = await rsyncScene(t);
    const {item} = scene.order;
    const order = {...scene.order, item: {...item, source: {...item.source, isEncrypted: true}}};
    const work = {...scene, order};
    await assert.rejects(snapshotDisk(work, await disk(scene)), /is not encrypted, and was deleted$/);
    assert.deepEqual(await scene.snapshots(), []);
  });

  test('is not asked for once the lock is lost', async (t) => {
    const scene = await rsyncScene(t);
    const mayCreate = () => {
      throw new Error('the lock is lost');
    };
    const losing = {...scene, order: {...scene.order, mayCreate}};
    await assert.rejects(snapshotDisk(losing, await disk(scene)), /the lock is lost/);
    assert.deepEqual(await scene.snapshots(), []);
  });

  for (const [title, end] of [
    ['when it takes too long', (scene: RsyncScene) => ({...scene, wish: {...scene.wish, timeoutMs: -1}})],
    [
      'after Ctrl-C',
      (scene: RsyncScene) => {
        const say = (text: string) => text.startsWith('waiting') && scene.interrupt();
        return {...scene, order: {...scene.order, say}};
      },
    ],
    [
      'when nobody may look at it any more',
      (scene: RsyncScene) => {
        const looks = {action: 'DescribeSnapshots', kind: 'error', code: 'UnauthorizedOperation'};
        const say = (text: string) => text.startsWith('waiting') && void scene.fail({...looks, nth: 1});
        return {...scene, order: {...scene.order, say}};
      },
    ],
  ] as const) {
    test(`goes on at AWS ${title}, and that is told`, async (t) => {
      const scene = await rsyncScene(t);
      const error = await snapshotDisk(end(scene), await disk(scene)).catch((one: unknown) => one);
      assert.ok(error instanceof StillBeingMade, String(error));
      assert.deepEqual(
        (await scene.snapshots()).map(([id]) => id),
        [error.snapshot],
      );
    });
  }
});

describe('a snapshot that an earlier run has asked for', () => {
  test('is waited for, and its size is told', async (t) => {
    const scene = await rsyncScene(t);
    const id = await underWay(scene);
    assert.equal(await adoptSnapshot(scene, id), 8);
    assert.deepEqual(await scene.snapshots(), [[id, 'completed']]);
  });

  test('is deleted when AWS gives it up', async (t) => {
    const scene = await rsyncScene(t);
    await scene.fail(ALWAYS_BROKEN);
    assert.equal(await adoptSnapshot(scene, await underWay(scene)), undefined);
    assert.deepEqual(await scene.snapshots(), []);
  });
});

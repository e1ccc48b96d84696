/** No snapshot is made twice and none is left untagged, whatever is lost or killed. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import fc from 'fast-check';
import {emptyFolder, ftask, start} from './ftask.ts';
import {type LabSnapshot, TestLab, tagOf} from './lab.ts';

/** Snapshots of a run by volume. */
function byVolume(snapshots: readonly LabSnapshot[]): Map<string, LabSnapshot[]> {
  const map = new Map<string, LabSnapshot[]>();
  for (const snapshot of snapshots)
    map.set(snapshot.VolumeId, [...(map.get(snapshot.VolumeId) ?? []), snapshot]);
  return map;
}

describe('a lost answer', () => {
  const instances = 6;
  const lab = new TestLab({
    clock: {speed: 1000},
    generate: [
      {instances, volumes: 2, regions: ['eu-west-1', 'us-east-1'], tags: {Earmarking: 'production'}},
    ],
  });

  test('never makes a second snapshot, whichever answers or requests are lost', async () => {
    const folder = await emptyFolder();
    const faults = fc.array(
      fc.record({
        action: fc.constantFrom('CreateSnapshots', '*'),
        kind: fc.constantFrom('lost-answer', 'lost-request', 'html', 'error'),
        probability: fc.constantFrom(0.1, 0.3),
        seed: fc.integer({min: 1, max: 1_000_000}),
      }),
      {minLength: 1, maxLength: 3},
    );
    await fc.assert(
      fc.asyncProperty(faults, async (rules) => {
        await lab.reset(rules);
        const before = new Set((await lab.snapshots()).map(({SnapshotId}) => SnapshotId));
        const {code, ids, stderr} = await ftask(folder, [`--lab=${lab.url}`, 'backup_instances_by_tag']);
        const made = (await lab.snapshots()).filter(({SnapshotId}) => !before.has(SnapshotId));
        for (const [volume, snapshots] of byVolume(made)) {
          assert.equal(snapshots.length, 1, `${volume} has ${snapshots.length} snapshots\n${stderr}`);
        }
        const known = new Set(ids);
        if (code === 0) {
          assert.deepEqual(made.map(({SnapshotId}) => SnapshotId).sort(), [...known].sort());
          assert.equal(made.length, instances * 2);
        }
        for (const id of known) assert.ok(made.some(({SnapshotId}) => SnapshotId === id));
      }),
      {numRuns: 25, endOnFailure: true},
    );
  });
});

describe('kill -9', () => {
  const instances = 500;
  const lab = new TestLab({
    clock: {speed: 20},
    generate: [{instances, volumes: 2, regions: ['eu-west-1'], tags: {Earmarking: 'production'}}],
  });

  test('during a backup of 500 instances leaves nothing untagged; the run can be finished without duplicates', async () => {
    const folder = await emptyFolder();
    const run = '20261121T000000Z-abcdef';
    const args = [`--lab=${lab.url}`, '--resume', run, 'backup_instances_by_tag'];
    for (const madeAtLeast of [100, 400]) {
      const {process, ended} = start(folder, args);
      while ((await lab.snapshots()).length < madeAtLeast) await delay(20);
      process.kill('SIGKILL');
      await once(process, 'exit');
      await ended;
    }
    const cut = await lab.snapshots();
    assert.ok(cut.length < instances * 2, 'it was killed in the middle');

    const {code, ids, stderr} = await ftask(folder, args);
    assert.equal(code, 0, stderr);
    const made = await lab.snapshots();
    assert.equal(made.length, instances * 2);
    assert.equal(byVolume(made).size, instances * 2);
    assert.ok(made.every((snapshot) => tagOf(snapshot, 'ftask:run') === run));
    assert.deepEqual([...ids].sort(), made.map(({SnapshotId}) => SnapshotId).sort());
  });
});

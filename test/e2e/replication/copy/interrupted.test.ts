/** Runs that do not come to their end, and what the next one makes of it. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {TestLab, tagOf} from '../../lab.ts';
import {
  begin,
  FRANKFURT,
  fleetWith,
  IRELAND,
  idsOf,
  locksIn,
  newestIn,
  otherTool,
  replicasIn,
  replicate,
  sourcesOf,
  TO_FRANKFURT,
  toldBy,
} from './scene.ts';

/** Copies take five seconds of the world, so that a run can be stopped in the middle of them. */
const SLOW = fleetWith({timing: {copy_seconds: [1000, 1000]}});

async function untilCopying(lab: TestLab, count: number): Promise<void> {
  while ((await replicasIn(lab, FRANKFURT)).length < count) await delay(10);
}

describe('kill -9 while copies are under way', () => {
  const lab = new TestLab(SLOW);

  test('costs no copy: the next run takes over at once and adopts them', async (t) => {
    const other = otherTool(t, lab, FRANKFURT);
    const {process, ended} = await begin(lab);
    await untilCopying(lab, 4);
    process.kill('SIGKILL');
    await ended;
    assert.equal((await locksIn(other)).length, 4);
    const begun = await replicasIn(lab, FRANKFURT);
    assert.deepEqual(new Set(begun.map(({State}) => State)), new Set(['pending']));
    const next = await replicate(lab, [...TO_FRANKFURT, '--json']);
    assert.equal(next.code, 0, next.stderr);
    assert.match(next.stderr, /was left by run \S+ \(.*\), which is gone; taken over/);
    const {result} = toldBy(next);
    assert.deepEqual(
      result.map(({state}) => state),
      Array(4).fill('adopted'),
    );
    assert.deepEqual(result.map(({snapshotId}) => snapshotId).sort(), idsOf(begun));
    const all = await replicasIn(lab, FRANKFURT);
    assert.deepEqual(idsOf(all), idsOf(begun));
    assert.deepEqual(new Set(all.map(({State}) => State)), new Set(['completed']));
    assert.deepEqual(await locksIn(other), []);
  });
});

describe('a copy of another run that is not as it is wanted now', () => {
  const lab = new TestLab(SLOW);

  test('is deleted once it is complete, and made again', async (t) => {
    const {process, ended} = await begin(lab);
    await untilCopying(lab, 4);
    process.kill('SIGKILL');
    await ended;
    const begun = idsOf(await replicasIn(lab, FRANKFURT));
    const next = await replicate(lab, TO_FRANKFURT, {env: {FTASK_REPLICATION_ENCRYPTED: 'true'}});
    assert.equal(next.code, 0, next.stderr);
    assert.match(next.stderr, /snap-[0-9a-f]+ is not encrypted; making it again/);
    const {Snapshots = []} = await otherTool(t, lab, FRANKFURT).describeSnapshots({OwnerIds: ['self']});
    assert.deepEqual(
      Snapshots.map(({Encrypted}) => Encrypted),
      Array(4).fill(true),
    );
    for (const id of begun) assert.ok(!next.ids.includes(id));
  });
});

describe('kill -9 at any moment', () => {
  const lab = new TestLab(fleetWith());

  test('leaves what the next run completes, each once', async () => {
    for (let ms = 150; ms <= 1050; ms += 100) {
      const {process, ended} = await begin(lab);
      await Promise.race([delay(ms), ended]);
      process.kill('SIGKILL');
      await ended;
    }
    const last = await replicate(lab);
    assert.equal(last.code, 0, last.stderr);
    assert.deepEqual(sourcesOf(await replicasIn(lab, FRANKFURT)), idsOf(await newestIn(lab, IRELAND)));
  });
});

describe('Ctrl-C while copies are under way', () => {
  const lab = new TestLab(SLOW);

  test('begins nothing more, names what goes on, and gives the locks back', async (t) => {
    const {process, ended} = await begin(lab, [...TO_FRANKFURT, '--json']);
    await untilCopying(lab, 2);
    process.kill('SIGINT');
    const stopped = await ended;
    assert.equal(stopped.code, 130, stopped.stderr);
    const begun = await replicasIn(lab, FRANKFURT);
    const {skipped, failures} = toldBy(stopped);
    assert.deepEqual(failures, []);
    for (const {SnapshotId} of begun) {
      assert.ok(
        skipped.some(({reason}) => reason === `${SnapshotId} is not complete yet; it goes on at AWS`),
      );
    }
    assert.equal(skipped.length, 4);
    assert.deepEqual(await locksIn(otherTool(t, lab, FRANKFURT)), []);
    const next = await replicate(lab);
    assert.equal(next.code, 0, next.stderr);
    const all = await replicasIn(lab, FRANKFURT);
    assert.deepEqual(sourcesOf(all), idsOf(await newestIn(lab, IRELAND)));
    for (const {SnapshotId} of begun) assert.ok(idsOf(all).includes(SnapshotId));
    assert.equal(new Set(all.map((one) => tagOf(one, 'ftask:run'))).size <= 2, true);
  });
});

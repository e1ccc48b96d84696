/** What `kill -9` leaves of a replication on instances of the operator's own is removed, too. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {seededRandom} from '../../../src/lab/random.ts';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {start} from '../ftask.ts';
import {treeDifferences} from './compare.ts';
import {instanceNamed} from './rsync-scene.ts';
import {FROM, replicationScene, type Scene, sourceIn, TIMES, TO, viewerIn} from './scene.ts';

/** 50 are the whole of it. */
const KILLS = Number(process.env['FTASK_TEST_KILLS'] ?? 2);
const SEED = Number(process.env['FTASK_TEST_SEED'] ?? Date.now() % 1_000_000);
/** Of the lab: three seconds. */
const EXPIRY = '2m';
const EXPIRY_MS = 120_000 / TIMES.clock.speed;

/**
 * What there is of files, mounts and processes where a replication could leave some. The line of a key that nobody could
 * take back lets nobody in after five minutes, and goes with the first run after that.
 */
const TRACES =
  'ls -A /dev /mnt /tmp /run ~ ~/.ssh; grep -v "^restrict,expiry-time=.* ftask-" ~/.ssh/authorized_keys; cut -d" " -f1-3 /proc/mounts; pgrep -a "ssh-agent|rsync" || true';

describe('a replication that is killed on instances that stay', {skip: noHardware}, () => {
  let scene: Scene;
  let given: readonly string[];
  before(async () => {
    scene = await replicationScene();
    await scene.plant(FROM, 200);
    const [from, to] = [
      await instanceNamed(scene, FROM, sourceIn(FROM)),
      await instanceNamed(scene, TO, viewerIn(TO)),
    ];
    given = ['--src-inst', from.InstanceId ?? '', '--dst-inst', to.InstanceId ?? ''];
  });

  const replicate = (source: string) => {
    const where = ['--src-region-name', FROM, '--dst-region-name', TO, '--snapshot-id', source];
    const env = {FTASK_TEMPORARY_EXPIRY: EXPIRY, FTASK_REPLICATION_LOCK_EXPIRY: EXPIRY};
    const words = ['--lab', 'rsync_snapshot', ...where, '--method', 'rsync', '--json', ...given];
    return start(scene.folder, words, env);
  };
  const traces = () => Promise.all([sourceIn(FROM), viewerIn(TO)].map((name) => scene.ssh(name, TRACES)));
  const inventory = () => Promise.all([FROM, TO].map((region) => scene.inventory(region)));

  test(`${KILLS} times leaves them as they were after the next run and ftask cleanup`, async (t) => {
    t.diagnostic(`FTASK_TEST_SEED=${SEED}`);
    const random = seededRandom(SEED);
    const {xfs: first} = await scene.backUp(FROM);
    const startedAt = performance.now();
    const {code, stderr} = await replicate(first).ended;
    assert.equal(code, 0, stderr);
    const runMs = performance.now() - startedAt;
    const before = await traces();
    const quiet = await inventory();
    for (let kill = 0; kill < KILLS; kill += 1) {
      await scene.change(FROM, SEED + kill);
      const {xfs: source} = await scene.backUp(FROM);
      const killed = replicate(source);
      const afterMs = Math.round(runMs * random());
      await delay(afterMs);
      killed.process.kill('SIGKILL');
      const what = `FTASK_TEST_SEED=${SEED}, kill ${kill}, after ${afterMs} of ${Math.round(runMs)} ms`;
      await killed.ended;
      await delay(EXPIRY_MS + 500);
      const cleaned = await scene.ftask('cleanup');
      assert.equal(cleaned.code, 0, `${what}\n${cleaned.stderr}`);
      const next = await replicate(source).ended;
      assert.equal(next.code, 0, `${what}\n${next.stderr}`);
      const {snapshotId} = JSON.parse(next.stdout).tasks[0].result[0];
      assert.deepEqual(await treeDifferences(scene, 'xfs', source, snapshotId), [], what);
      assert.deepEqual(await traces(), before, what);
      assert.deepEqual(await inventory(), quiet, what);
    }
  });
});

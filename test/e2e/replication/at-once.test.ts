/** Two controllers that know nothing of each other start the same replication at once, one at least by rsync; `copy/` has those by copy. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {emptyFolder, ftask} from '../ftask.ts';
import {tagOf} from '../lab.ts';
import {isSameBlocks, treeDifferences} from './compare.ts';
import {FROM, type Method, replicationScene, type Scene, TIMES, TO} from './scene.ts';

/** 50 are the whole of it. */
const TRIES = Number(process.env['FTASK_TEST_TIMES'] ?? 2);
/** On a busy machine the one may start seconds after the other, which must find the first still at it. */
const SLOW_COPIES = {...TIMES.timing, copy_seconds: [160, 200]};

const PAIRS: readonly (readonly [Method, Method])[] = [
  ['rsync', 'rsync'],
  ['rsync', 'copy'],
];

describe('two controllers that start the same replication at once', {skip: noHardware}, () => {
  let scene: Scene;
  let quiet: readonly string[];
  /** Each a machine of its own. */
  let homes: readonly string[];
  before(async () => {
    scene = await replicationScene({targets: [], lab: {timing: SLOW_COPIES}});
    await scene.plant(FROM, 100);
    quiet = await inventory();
    homes = [await emptyFolder(), await emptyFolder()];
  });

  const inventory = async () => [...(await scene.inventory(FROM)), ...(await scene.inventory(TO))];

  const replicate = (home: string, source: string, method: Method) => {
    const what = ['--src-region-name', FROM, '--dst-region-name', TO, '--snapshot-id', source];
    return ftask(home, [`--lab=${scene.url}`, 'rsync_snapshot', ...what, '--method', method, '--json']);
  };

  for (const methods of PAIRS) {
    test(`make one replica, by ${methods.join(' or ')}, and one clear refusal, ${TRIES} times`, async () => {
      for (let time = 0; time < TRIES; time += 1) {
        await scene.change(FROM, time);
        const {ext4: source} = await scene.backUp(FROM);
        const ends = await Promise.all(
          homes.map((home, index) => replicate(home, source, methods[index] ?? 'rsync')),
        );
        const all = ends.map(({stderr}) => stderr).join('\n');
        const [done, refused] = ends.sort((one, other) => (one.code ?? -1) - (other.code ?? -1));
        assert.deepEqual([done?.code, refused?.code], [0, 4], all);
        assert.match(refused?.stderr ?? '', /^.*vol-\w+ of eu-west-1 is being replicated by run \S+/m);
        assert.equal(JSON.parse(refused?.stdout ?? '').tasks[0].error.code, 'Replicating');
        const {snapshotId} = JSON.parse(done?.stdout ?? '').tasks[0].result[0];
        const replicas = (await scene.replicas(TO)).filter(
          (each) => tagOf(each, 'ftask:source-snapshot') === source,
        );
        assert.deepEqual(
          replicas.map(({SnapshotId, State}) => [SnapshotId, State]),
          [[snapshotId, 'completed']],
        );
        if (!(await isSameBlocks(scene, source, snapshotId)))
          assert.deepEqual(await treeDifferences(scene, 'ext4', source, snapshotId), []);
        assert.deepEqual(await inventory(), quiet, all);
      }
    });
  }
});

/** Two controllers that know nothing of each other start the same replication at the same moment. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {type Ended, emptyFolder, ftask} from '../ftask.ts';
import {tagOf} from '../lab.ts';
import {FROM, METHODS, replicationScene, type Scene, TIMES, TO} from './scene.ts';

/** 50 are the whole of it. */
const TRIES = Number(process.env['FTASK_TEST_TIMES'] ?? 2);
/** On a busy machine the one may start seconds after the other, which must find the first still at it. */
const SLOW_COPIES = {...TIMES.timing, copy_seconds: [160, 200]};

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

  const both = (...words: readonly string[]): Promise<Ended[]> =>
    Promise.all(homes.map((home) => ftask(home, [`--lab=${scene.url}`, ...words, '--json'])));

  const replicasOf = async (source: string) =>
    (await scene.replicas(TO)).filter((each) => tagOf(each, 'ftask:source-snapshot') === source);

  for (const method of METHODS) {
    test(`make one replica by ${method} and one clear refusal, ${TRIES} times`, async () => {
      for (let time = 0; time < TRIES; time += 1) {
        await scene.change(FROM, time);
        const {ext4: source} = await scene.backUp(FROM);
        const where = ['--src-region-name', FROM, '--dst-region-name', TO, '--snapshot-id', source];
        const ends = await both('rsync_snapshot', ...where, '--method', method);
        const all = ends.map(({stderr}) => stderr).join('\n');
        const [done, refused] = ends.sort((one, other) => (one.code ?? -1) - (other.code ?? -1));
        assert.deepEqual([done?.code, refused?.code], [0, 4], all);
        assert.match(refused?.stderr ?? '', /^.*vol-\w+ of eu-west-1 is being replicated by run \S+/m);
        const {error} = JSON.parse(refused?.stdout ?? '').tasks[0];
        assert.equal(error.code, 'Replicating');
        const replicas = await replicasOf(source);
        assert.deepEqual(
          replicas.map(({SnapshotId, State}) => [SnapshotId, State]),
          [[JSON.parse(done?.stdout ?? '').tasks[0].result[0].snapshotId, 'completed']],
        );
        assert.deepEqual(await inventory(), quiet, all);
      }
    });
  }

  test('share the volumes of a region between them, and make one replica of each', async () => {
    const sources = Object.values(await scene.backUp(FROM));
    const where = ['--src-region-name', FROM, '--dst-region-name', TO];
    const ends = await both('rsync_region', ...where, '--method', 'copy');
    const all = ends.map(({stderr}) => stderr).join('\n');
    for (const {code} of ends) assert.ok(code === 0 || code === 3 || code === 4, `exit code ${code}: ${all}`);
    for (const source of sources) assert.equal((await replicasOf(source)).length, 1, all);
    assert.deepEqual(await inventory(), quiet, all);
  });
});

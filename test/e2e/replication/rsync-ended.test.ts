/** What becomes of a replication by rsync that is ended on its way. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {type Started, start} from '../ftask.ts';
import {treeDifferences} from './compare.ts';
import {callsOf, replicaBy, rsyncSnapshot} from './rsync-scene.ts';
import {FROM, replicationScene, type Scene, sourceIn, TO, until} from './scene.ts';

/** Minutes of the lab: three seconds. */
const ENV = {FTASK_TEMPORARY_EXPIRY: '2m', FTASK_REPLICATION_LOCK_EXPIRY: '2m'};
const EXPIRED_MS = 4000;

describe('a replication by rsync that ends early', {skip: noHardware}, () => {
  let scene: Scene;
  let quiet: readonly (readonly string[])[];
  const inventory = () => Promise.all([FROM, TO].map((region) => scene.inventory(region)));
  before(async () => {
    scene = await replicationScene();
    await scene.plant(FROM, 200);
    // So large that what happens to it can happen while it is copied.
    await scene.ssh(sourceIn(FROM), 'sudo dd if=/dev/urandom of=/srv/xfs/large bs=1M count=100 status=none');
    quiet = await inventory();
  });

  const begin = (source: string): Started => {
    const where = ['--src-region-name', FROM, '--dst-region-name', TO, '--snapshot-id', source];
    return start(scene.folder, ['--lab', 'rsync_snapshot', ...where, '--method', 'rsync'], ENV);
  };
  const copying = async () => {
    const {Reservations = []} = await scene
      .ec2(TO)
      .describeInstances({Filters: [{Name: 'tag-key', Values: ['ftask:temporary']}]});
    const living = Reservations.flatMap(({Instances = []}) => Instances).filter(
      ({State}) => State?.Name === 'running',
    );
    const Filters = [{Name: 'attachment.instance-id', Values: living.map((one) => one.InstanceId ?? '')}];
    if (living.length === 0) return undefined;
    const {Volumes = []} = await scene.ec2(TO).describeVolumes({Filters});
    return Volumes.length > 1 ? living[0]?.InstanceId : undefined;
  };
  const cleanUp = async () => {
    await delay(EXPIRED_MS);
    const cleaned = await scene.ftask('cleanup');
    assert.equal(cleaned.code, 0, cleaned.stderr);
    assert.deepEqual(await inventory(), quiet);
  };

  test('fails when its instance is terminated under it, and leaves nothing; the next one is complete', async () => {
    const {xfs} = await scene.backUp(FROM);
    const {ended} = begin(xfs);
    await until('it is copied', async () => (await copying()) !== undefined);
    await scene.ec2(TO).terminateInstances({InstanceIds: [(await copying()) ?? '']});
    const {code, stderr} = await ended;
    assert.equal(code, 1, stderr);
    assert.deepEqual(await scene.replicas(TO), []);
    assert.deepEqual(await inventory(), quiet);
    const replica = await replicaBy(scene, xfs);
    assert.deepEqual(await treeDifferences(scene, 'xfs', xfs, replica.snapshotId), []);
  });

  test('by kill -9 while it copies leaves nothing after ftask cleanup, and the next one is complete', async () => {
    const {ext4} = await scene.backUp(FROM);
    const {process: child, ended} = begin(ext4);
    await until('it is copied', async () => (await copying()) !== undefined);
    child.kill('SIGKILL');
    await ended;
    await cleanUp();
    const replica = await replicaBy(scene, ext4);
    assert.deepEqual(await treeDifferences(scene, 'ext4', ext4, replica.snapshotId), []);
  });

  test('by kill -9 while AWS makes the snapshot is taken up by the next one', async () => {
    const {ext4} = await scene.backUp(FROM);
    const made = await callsOf(scene, 'CreateSnapshot');
    const {process: child, ended} = begin(ext4);
    await until('the snapshot is made', async () => (await callsOf(scene, 'CreateSnapshot')) > made);
    child.kill('SIGKILL');
    await ended;
    await cleanUp();
    const {code, stdout, stderr} = await rsyncSnapshot(scene, ext4);
    assert.equal(code, 0, stderr);
    const {snapshotId, state} = JSON.parse(stdout).tasks[0].result[0];
    assert.match(state, /^(adopted|present)$/);
    assert.equal(await callsOf(scene, 'CreateSnapshot'), made + 1);
    assert.deepEqual(await treeDifferences(scene, 'ext4', ext4, snapshotId), []);
  });

  test('by Ctrl-C leaves nothing', async () => {
    const {ext4} = await scene.backUp(FROM);
    const before = await scene.replicas(TO);
    const {process: child, ended} = begin(ext4);
    await until('it is copied', async () => (await copying()) !== undefined);
    child.kill('SIGINT');
    const {code, stderr} = await ended;
    assert.equal(code, 130, stderr);
    assert.deepEqual(await inventory(), quiet);
    assert.deepEqual(await scene.replicas(TO), before);
  });
});

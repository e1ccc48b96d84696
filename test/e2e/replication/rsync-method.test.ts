/** Replicas by rsync of every kind of volume, on instances of any kind. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {quoteWord} from '../../../src/host/quote.ts';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {tagOf} from '../lab.ts';
import {isSameBlocks, treeDifferences} from './compare.ts';
import {restore} from './restore.ts';
import {
  callsOf,
  disguise,
  instanceNamed,
  lineageOf,
  replicaBy,
  snapshotNamed,
  snapshotWith,
  withVolume,
} from './rsync-scene.ts';
import {
  FILESYSTEMS,
  type Filesystem,
  FROM,
  folderOf,
  labelOf,
  replicationScene,
  type Scene,
  sourceIn,
  TO,
  viewerIn,
} from './scene.ts';

const SMALL_FILES = 500;
/** Prints a table (MBR) with one partition of 16 MiB. */
const PARTITION = String.raw`perl -e 'print "\0" x 446, pack("x4Cx3VV", 0x83, 2048, 32768), "\0" x 48, "\x55\xaa"'`;

describe('a replica by rsync', {skip: noHardware}, () => {
  let scene: Scene;
  let sources: Readonly<Record<Filesystem, string>>;
  /** What is there when nothing is under way. */
  let quiet: readonly (readonly string[])[];
  const inventory = () => Promise.all([FROM, TO].map((region) => scene.inventory(region)));
  before(async () => {
    scene = await replicationScene();
    await scene.plant(FROM, SMALL_FILES);
    sources = await scene.backUp(FROM);
    quiet = await inventory();
  });

  const uuidOf = async (filesystem: Filesystem) =>
    (
      await scene.ssh(
        sourceIn(FROM),
        `sudo blkid -p -s UUID -o value $(findmnt -no SOURCE ${folderOf(filesystem)})`,
      )
    ).trim();

  test('has the files, the label and the UUID of its source, each on the same two instances', async () => {
    const started = await callsOf(scene, 'RunInstances');
    const where = ['--src-region-name', FROM, '--dst-region-name', TO, '--method', 'rsync', '--json'];
    const {code, stdout, stderr} = await scene.ftask('rsync_region', ...where);
    assert.equal(code, 0, stderr);
    assert.equal((await callsOf(scene, 'RunInstances')) - started, 2);
    assert.deepEqual(await inventory(), quiet);
    const rows = JSON.parse(stdout).tasks[0].result as {sourceSnapshot: string; snapshotId: string}[];
    for (const filesystem of FILESYSTEMS) {
      const row = rows.find(({sourceSnapshot}) => sourceSnapshot === sources[filesystem]);
      const replica = row?.snapshotId ?? '';
      assert.deepEqual(await treeDifferences(scene, filesystem, sources[filesystem], replica), []);
      const restored = await restore(scene, TO, replica, filesystem);
      assert.equal(restored.filesystem['LABEL'], labelOf(filesystem));
      assert.equal(restored.filesystem['UUID'], await uuidOf(filesystem));
      await restored.remove();
    }
  });

  test('is made of the one before, for as many bytes as have changed', async () => {
    await scene.change(FROM, 1);
    sources = await scene.backUp(FROM);
    for (const filesystem of FILESYSTEMS) {
      const replica = await replicaBy(scene, sources[filesystem]);
      assert.deepEqual(await treeDifferences(scene, filesystem, sources[filesystem], replica.snapshotId), []);
      assert.doesNotMatch(replica.told, /is no base/);
    }
    assert.deepEqual(await inventory(), quiet);
  });

  test('grows with its source', async () => {
    for (const filesystem of FILESYSTEMS) {
      const small = await snapshotNamed(scene, sources[filesystem]);
      const Size = {ext4: 3, xfs: 8}[filesystem];
      const source = await withVolume(
        scene,
        {Size, SnapshotId: sources[filesystem]},
        async (device, volume) => {
          const grow = {ext4: `e2fsck -fp ${device}; resize2fs ${device}`, xfs: 'true'}[filesystem];
          const fill = `head -c ${(Size - 1) * 32}M /dev/urandom >/mnt/grown/new`;
          const mount = `mkdir -p /mnt/grown; mount -o ${filesystem === 'xfs' ? 'nouuid' : 'rw'} ${device} /mnt/grown`;
          const growMounted = filesystem === 'xfs' ? 'xfs_growfs /mnt/grown' : 'true';
          const script = [grow, mount, growMounted, fill, 'umount /mnt/grown'].join('; ');
          await scene.ssh(sourceIn(FROM), `sudo sh -c '${script}'`);
          const time = new Date(Date.parse(tagOf(small, 'ftask:time') ?? '') + 1000).toISOString();
          const tags = {...lineageOf(small), 'ftask:time': time, 'ftask:source-snapshot': small.SnapshotId};
          return snapshotWith(scene, volume, tags);
        },
      );
      const replica = await replicaBy(scene, source);
      assert.equal(replica.sizeGiB, Size);
      assert.doesNotMatch(replica.told, /is no base/);
      assert.deepEqual(await treeDifferences(scene, filesystem, source, replica.snapshotId), []);
    }
    assert.deepEqual(await inventory(), quiet);
  });

  test('is made on an empty volume when the one before has another filesystem, which is told', async () => {
    const [xfs] = (await scene.replicas(TO)).filter(
      (one) => tagOf(one, 'ftask:source-snapshot') === sources.xfs,
    );
    await scene.change(FROM, 2);
    sources = await scene.backUp(FROM);
    const base = await disguise(scene, xfs?.SnapshotId ?? '', sources.ext4);
    const replica = await replicaBy(scene, sources.ext4);
    assert.match(replica.told, new RegExp(`${base} is no base for ${sources.ext4}: it holds xfs, not ext4`));
    assert.deepEqual(await treeDifferences(scene, 'ext4', sources.ext4, replica.snapshotId), []);
  });

  test('has all blocks of a volume with partitions, twice', async () => {
    const tags = {'ftask:volume': 'vol-00000000000000001', 'ftask:region': FROM};
    await withVolume(scene, {Size: 1}, async (device, volume) => {
      for (const round of [1, 2]) {
        const write = `head -c ${round}M /dev/urandom | dd of=${device} bs=1M seek=20 conv=fsync`;
        const script = `${PARTITION} | dd of=${device} conv=fsync,notrunc; ${write}; sync`;
        await scene.ssh(sourceIn(FROM), `sudo sh -ec ${quoteWord(script)}`);
        const time = new Date(Date.parse('2026-01-01T00:00:00Z') + round * 1000).toISOString();
        const source = await snapshotWith(scene, volume, {...tags, 'ftask:time': time});
        const replica = await replicaBy(scene, source);
        assert.match(
          replica.told,
          new RegExp(`${source} is copied by blocks: it is not one ext or xfs alone`),
        );
        assert.ok(await isSameBlocks(scene, source, replica.snapshotId));
      }
    });
    assert.deepEqual(await inventory(), quiet);
  });

  test("is made on instances of the operator's, which stay as they were", async () => {
    const [data, viewer] = [
      await instanceNamed(scene, FROM, sourceIn(FROM)),
      await instanceNamed(scene, TO, viewerIn(TO)),
    ];
    const given = ['--src-inst', data.InstanceId ?? '', '--dst-inst', viewer.InstanceId ?? ''];
    const traces =
      'ls -A /dev /mnt /tmp ~/.ssh; cat ~/.ssh/authorized_keys; cut -d" " -f1-3 /proc/mounts; pgrep ssh-agent || true';
    const look = () => Promise.all([sourceIn(FROM), viewerIn(TO)].map((name) => scene.ssh(name, traces)));
    const before = await look();
    const started = await callsOf(scene, 'RunInstances');
    for (const way of [[], ['--through-controller']]) {
      const replica = await replicaBy(scene, sources.xfs, '--force', ...given, ...way);
      assert.deepEqual(await treeDifferences(scene, 'xfs', sources.xfs, replica.snapshotId), []);
    }
    assert.equal(await callsOf(scene, 'RunInstances'), started);
    assert.deepEqual(await look(), before);
    assert.deepEqual(await inventory(), quiet);
  });
});

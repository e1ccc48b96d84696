/** A replica that is restored in the other region holds what its source held, by tools that are not ours. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {tagOf} from '../lab.ts';
import {treeDifferences} from './compare.ts';
import {restore} from './restore.ts';
import {
  FILESYSTEMS,
  type Filesystem,
  FROM,
  folderOf,
  labelOf,
  METHODS,
  replicationScene,
  type Scene,
  sourceIn,
  THIRD,
  TO,
} from './scene.ts';

/** 100,000 are the whole of it. */
const SMALL_FILES = Number(process.env['FTASK_TEST_FILES'] ?? 3000);
/** An inode and at least one block each, which has 1 KiB on a small ext4, 4 KiB on xfs. */
const GIB = SMALL_FILES > 20_000 ? {ext4: 7, xfs: 14} : {ext4: 2, xfs: 5};

const REGIONS = {copy: TO, rsync: THIRD};

describe('a replica', {skip: noHardware}, () => {
  let scene: Scene;
  let sources: Readonly<Record<Filesystem, string>>;
  before(async () => {
    scene = await replicationScene({gib: GIB, targets: [TO, THIRD]});
    await scene.plant(FROM, SMALL_FILES);
    sources = await scene.backUp(FROM);
  });

  const replicate = async (method: string, region: string) => {
    const where = ['--src-region-name', FROM, '--dst-region-name', region];
    const startedAt = performance.now();
    const ended = await scene.ftask('rsync_region', ...where, '--method', method, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    return Math.round(performance.now() - startedAt);
  };
  const replicaOf = async (source: string, region: string): Promise<string> => {
    const all = await scene.replicas(region);
    const own = all.filter((each) => tagOf(each, 'ftask:source-snapshot') === source);
    assert.deepEqual(
      own.map(({State}) => State),
      ['completed'],
    );
    return own[0]?.SnapshotId ?? '';
  };
  /** In kilobytes. */
  const sizeOf = async (instance: string, folder: string) =>
    Number.parseInt(await scene.ssh(instance, `sudo du -sk ${folder}/sparse`), 10);

  const check = async (filesystem: Filesystem, region: string) => {
    const source = sources[filesystem];
    const restored = await restore(scene, region, await replicaOf(source, region), filesystem);
    try {
      assert.deepEqual(await treeDifferences(scene, filesystem, source, restored), []);
      assert.equal(restored.filesystem['TYPE'], filesystem);
      assert.equal(restored.filesystem['LABEL'], labelOf(filesystem));
      const original = await sizeOf(sourceIn(FROM), folderOf(filesystem));
      const replica = await sizeOf(restored.instance, restored.folder);
      assert.ok(replica <= original, `sparse files of ${original} KiB have ${replica} KiB`);
    } finally {
      await restored.remove();
    }
  };

  for (const method of METHODS) {
    const region = REGIONS[method];
    test(`by ${method} is equal to its source: ${FILESYSTEMS.join(' and ')}`, async (t) => {
      t.diagnostic(`${SMALL_FILES} small files: ${await replicate(method, region)} ms`);
      for (const filesystem of FILESYSTEMS) await check(filesystem, region);
    });
  }

  test('is equal again after the source has changed in every way', async (t) => {
    for (const seed of [1, 2, 3]) await scene.change(FROM, seed);
    sources = await scene.backUp(FROM);
    for (const method of METHODS) {
      const region = REGIONS[method];
      t.diagnostic(`${method} again: ${await replicate(method, region)} ms`);
      for (const filesystem of FILESYSTEMS) await check(filesystem, region);
    }
  });
});

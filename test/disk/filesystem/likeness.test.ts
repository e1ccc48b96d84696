/** A filesystem that is made like another one can stand for it. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {contentOf} from '../../../src/disk/filesystem/content.ts';
import {extWords, likenessOf, xfsWords} from '../../../src/disk/filesystem/likeness.ts';
import {makeFilesystem} from '../../../src/disk/filesystem/make.ts';
import {writeUuid} from '../../../src/disk/filesystem/uuid.ts';
import {localHost, loopDevice, mounted, noDevices, run} from '../devices.ts';
import {writePartitions} from '../partitions.ts';

const MIB = {ext: 64, xfs: 320};

/** All that is told of a filesystem but when it was made and what is used of it. */
async function traitsOf(device: string, type: string): Promise<string[]> {
  const words = type === 'xfs' ? ['xfs_db', '-r', '-c', 'info', device] : ['dumpe2fs', '-h', device];
  const passing =
    /time|created|checked|writes|seed|free|checksum:|^(meta-)?data=|journal (start|seq)|^overhead/i;
  return (await run(...words)).split('\n').filter((line) => !passing.test(line));
}

describe('a filesystem that is made like another', {skip: noDevices}, () => {
  const host = localHost();

  for (const made of [
    'mkfs.ext4 -q -L data',
    'mkfs.ext4 -q -b 4096 -I 512 -N 5000 -O ^metadata_csum,^64bit',
    'mkfs.ext3 -q -L old',
    'mkfs.ext2 -q',
    'mkfs.xfs -q -L data',
    'mkfs.xfs -q -i size=1024 -m rmapbt=1,bigtime=0,inobtcount=0',
    'mkfs.xfs -q -m crc=0 -b size=1024',
  ]) {
    test(`has its features, label and UUID: ${made}`, async () => {
      const [program = '', ...words] = made.split(' ');
      const mib = program === 'mkfs.xfs' ? MIB.xfs : MIB.ext;
      const [one, other] = [await loopDevice(mib), await loopDevice(mib)];
      await run(program, ...words, one);
      const likeness = await likenessOf(host, one);
      assert.ok(likeness);
      await makeFilesystem(host, other, likeness);
      assert.deepEqual(await traitsOf(other, likeness.type), await traitsOf(one, likeness.type));
      assert.deepEqual(await contentOf(host, other), await contentOf(host, one));
    });
  }

  test('is told while the journal waits to be replayed', async () => {
    const device = await loopDevice(64);
    await run('mkfs.ext4', '-q', device);
    await mounted(device);
    const likeness = await likenessOf(host, device);
    assert.doesNotMatch(likeness?.words.join(' ') ?? '', /needs_recovery/);
  });

  for (const [what, make] of [
    ['nothing', async () => {}],
    ['swap', (device: string) => run('mkswap', device)],
    ['btrfs, which may be several', (device: string) => run('mkfs.btrfs', '-q', device)],
    ['partitions', (device: string) => writePartitions(device, [30])],
    ['names that do not mind case', (device: string) => run('mkfs.ext4', '-q', '-O', 'casefold', device)],
    ['encrypted folders', (device: string) => run('mkfs.ext4', '-q', '-O', 'encrypt', device)],
  ] as const) {
    test(`is not known of a device with ${what}`, async () => {
      const device = await loopDevice(128);
      await make(device);
      assert.equal(await likenessOf(host, device), undefined);
    });
  }

  for (const [type, mib] of [
    ['ext4', MIB.ext],
    ['xfs', MIB.xfs],
  ] as const) {
    test(`takes another UUID if it is ${type}, as often as it is told to`, async () => {
      const device = await loopDevice(mib);
      await run(`mkfs.${type}`, '-q', device);
      const uuid = '01234567-89ab-4cde-8f01-23456789abcd';
      await writeUuid(host, device, uuid);
      await writeUuid(host, device, uuid);
      assert.equal((await contentOf(host, device)).uuid, uuid);
      await mounted(device);
    });
  }
});

describe('the words for mkfs', () => {
  test('leave out what the tools of the source do not tell of', () => {
    const old = 'meta-data=/dev/xvdf isize=256 agcount=4\n = crc=0 finobt=0\ndata = bsize=4096 blocks=1';
    assert.deepEqual(xfsWords(old), [...['-b', 'size=4096', '-i', 'size=256'], ...['-m', 'crc=0,finobt=0']]);
  });

  test('leave out of the features what is of the moment', () => {
    const info = [
      'Filesystem features:      has_journal needs_recovery extent orphan_present',
      'Inode count:              16',
      'Block size:               1024',
      'Inode size:\t          128',
    ].join('\n');
    assert.deepEqual(extWords(info), [
      ...['-b', '1024', '-I', '128', '-N', '16'],
      ...['-O', 'none,has_journal,extent'],
    ]);
  });
});

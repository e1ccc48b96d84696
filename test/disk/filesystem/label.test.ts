/** Labels are read and set as the filesystem's own tools see them, mounted or not. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {contentOf, isLuks} from '../../../src/disk/filesystem/content.ts';
import {readLabel, writeLabel} from '../../../src/disk/filesystem/label.ts';
import {UsageError} from '../../../src/errors.ts';
import {failureOf} from '../../host/failure-of.ts';
import {localHost, loopDevice, mounted, noDevices, run} from '../devices.ts';

interface Labelled {
  readonly type: string;
  readonly mib: number;
  readonly make: readonly string[];
  /** What shows the label by the tool of the filesystem. */
  readonly shown: (device: string) => Promise<string>;
  readonly label: string;
}

const LABELLED: readonly Labelled[] = [
  ...['ext2', 'ext3', 'ext4'].map((type) => ({
    type,
    mib: 32,
    make: [`mkfs.${type}`, '-q'],
    shown: (device: string) => run('e2label', device),
    label: 'die Größe / 1',
  })),
  {
    type: 'xfs',
    mib: 320,
    make: ['mkfs.xfs', '-q'],
    shown: async (device) => /label = "(.*)"/.exec(await run('xfs_admin', '-l', device))?.[1] ?? 'none',
    label: '/data-été',
  },
  {
    type: 'btrfs',
    mib: 128,
    make: ['mkfs.btrfs', '-q'],
    shown: (device) => run('btrfs', 'filesystem', 'label', device),
    label: '-a "long" label, with $igns \\ and ünicode',
  },
  {
    type: 'swap',
    mib: 32,
    make: ['mkswap', '-q'],
    shown: async (device) => /LABEL: (.*)/.exec(await run('swaplabel', device))?.[1]?.trim() ?? '',
    label: 'swap space',
  },
];

describe('labels', {skip: noDevices}, () => {
  const host = localHost();

  for (const {type, mib, make, shown, label} of LABELLED) {
    test(`of ${type} are set, read, and taken away`, async () => {
      const device = await loopDevice(mib);
      await run(...make, device);
      assert.equal((await contentOf(host, device)).type, type);
      await writeLabel(host, device, label);
      assert.deepEqual([await shown(device), await readLabel(host, device)], [label, label]);
      await writeLabel(host, device, '');
      assert.deepEqual([await shown(device), await readLabel(host, device)], ['', '']);
    });
    if (type === 'swap') continue;

    test(`of ${type} are set and taken away while it is mounted`, async () => {
      const device = await loopDevice(mib);
      await run(...make, device);
      const mountPoint = await mounted(device);
      await writeLabel(host, device, 'live');
      assert.equal(await readLabel(host, device), 'live');
      await writeLabel(host, device, '');
      assert.equal(await readLabel(host, device), '');
      await writeLabel(host, device, 'last');
      await run('umount', mountPoint);
      assert.equal(await shown(device), 'last');
    });
  }

  test('are refused where there is nothing that could have one', async () => {
    const device = await loopDevice();
    const error = await failureOf(writeLabel(host, device, 'x'));
    assert.equal(error.message, `localhost: ${device} holds no filesystem, which is given no label`);
    assert.deepEqual(await contentOf(host, device), {});
    assert.equal(await isLuks(host, device), false);
  });

  test('are never cut', async () => {
    const device = await loopDevice();
    await run('mkfs.ext4', '-q', '-L', 'before', device);
    const error = await failureOf(writeLabel(host, device, 'ü'.repeat(9)));
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /is no label for ext4: at most 16 bytes$/);
    assert.equal(await readLabel(host, device), 'before');
  });
});

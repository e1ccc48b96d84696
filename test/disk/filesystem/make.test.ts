/** A filesystem is made on an empty device, and never on one that holds anything. */
import assert from 'node:assert/strict';
import {open} from 'node:fs/promises';
import {describe, test} from 'node:test';
import {NoBlockDevice} from '../../../src/disk/filesystem/content.ts';
import {DeviceNotEmpty} from '../../../src/disk/filesystem/empty-device.ts';
import {readLabel} from '../../../src/disk/filesystem/label.ts';
import {makeFilesystem} from '../../../src/disk/filesystem/make.ts';
import {RefusedError, UsageError} from '../../../src/errors.ts';
import {failureOf} from '../../host/failure-of.ts';
import {atEnd} from '../../ssh/at-end.ts';
import {localHost, loopDevice, mounted, noDevices, run} from '../devices.ts';
import {writePartitions} from '../partitions.ts';

const SMALL_MIB = 16;
/** Of md's version 0.90: the magic number, the major and the minor version, in the host's byte order. */
const MD_MARK = new Uint8Array(Uint32Array.of(0xa92b4efc, 0, 90).buffer);

describe('makeFilesystem', {skip: noDevices}, () => {
  const host = localHost();

  for (const {type, mib} of [
    {type: 'ext4', mib: 32},
    {type: 'xfs', mib: 320},
  ] as const) {
    test(`makes ${type} with a label, that can be mounted and checks clean`, async () => {
      const device = await loopDevice(mib);
      await makeFilesystem(host, device, {type, label: 'data'});
      assert.equal(await readLabel(host, device), 'data');
      await run('umount', await mounted(device));
      await run(...(type === 'xfs' ? ['xfs_repair', '-n', device] : ['e2fsck', '-f', '-n', device]));
    });
  }

  interface Occupied {
    readonly what: string;
    readonly occupy: (device: string) => Promise<unknown>;
    readonly reason: RegExp;
  }
  const occupied: readonly Occupied[] = [
    {what: 'a filesystem', occupy: (device) => run('mkfs.ext4', '-q', device), reason: /it holds ext4$/},
    {what: 'swap', occupy: (device) => run('mkswap', device), reason: /it holds swap$/},
    {
      what: 'a mounted filesystem',
      occupy: async (device) => {
        await run('mkfs.ext4', '-q', device);
        await mounted(device);
      },
      reason: /mounted at \/.*\/mnt$/,
    },
    {
      what: 'swap that is in use',
      occupy: async (device) => {
        await run('mkswap', device);
        await run('swapon', device);
        atEnd(async () => void (await run('swapoff', device)));
      },
      reason: /in use as swap$/,
    },
    {
      what: 'partitions',
      occupy: (device) => writePartitions(device, [8]),
      reason: /loop\d+p1 \(part\) is on it$/,
    },
    {
      what: 'a partition table without partitions',
      occupy: (device) => writePartitions(device, []),
      reason: /it holds dos$/,
    },
    {
      what: 'a single byte in its first MiB',
      occupy: (device) => writeBytes(device, 1024 ** 2 - 1, [1]),
      reason: /its first MiB is not all zeros$/,
    },
    {
      what: 'the mark of a member of an array at its very end',
      occupy: (device) => writeBytes(device, SMALL_MIB * 1024 ** 2 - 64 * 1024, MD_MARK),
      reason: /it holds linux_raid_member$/,
    },
  ];
  for (const {what, occupy, reason} of occupied) {
    test(`refuses a device with ${what}, and leaves it as it is`, async () => {
      const device = await loopDevice(SMALL_MIB);
      await occupy(device);
      const before = await run('sha256sum', device);
      const error = await failureOf(makeFilesystem(host, device, {type: 'ext4'}));
      assert.ok(error instanceof DeviceNotEmpty && error instanceof RefusedError, String(error));
      assert.match(error.message, new RegExp(`^localhost: ${device} is not empty: `));
      assert.match(error.message, reason);
      assert.equal(await run('sha256sum', device), before);
    });
  }

  test('refuses what is no block device', async () => {
    const error = await failureOf(makeFilesystem(host, '/dev/sdzz', {type: 'ext4'}));
    assert.ok(error instanceof NoBlockDevice);
    assert.equal(error.message, 'localhost: there is no block device /dev/sdzz');
  });

  test('gives xfs a label that its tools could not change any more', async () => {
    for (const label of ['two words', '-c']) {
      const device = await loopDevice(320);
      await makeFilesystem(host, device, {type: 'xfs', label});
      assert.equal(await readLabel(host, device), label);
    }
  });

  test('refuses a label that does not fit before it touches the device', async () => {
    const device = await loopDevice();
    for (const [type, label] of [
      ['ext4', 'seventeen letters'],
      ['xfs', 'thirteen-byte'],
      ['ext4', 'line\nend'],
    ] as const) {
      assert.ok((await failureOf(makeFilesystem(host, device, {type, label}))) instanceof UsageError, label);
    }
    assert.equal(await run('wipefs', '--no-act', device), '');
  });
});

async function writeBytes(device: string, position: number, bytes: ArrayLike<number>): Promise<void> {
  const disk = await open(device, 'r+');
  await disk.write(Uint8Array.from(bytes), 0, bytes.length, position);
  await disk.close();
}

/** Two devices are refused for every reason that there is, before anything is read or written. */
import assert from 'node:assert/strict';
import {open, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {RefusedError} from '../../../src/errors.ts';
import {checkDevices} from '../../../src/replica/blocks/check-devices.ts';
import {copyOf, folder, localHost, loopDevice, mounted, noDevices, run} from '../../disk/devices.ts';
import {writePartitions} from '../../disk/partitions.ts';
import {failureOf} from '../../host/failure-of.ts';
import {encryptedDevice, filledDevice, MIB, writeBlocks} from './devices.ts';

const host = localHost();

describe('devices', {skip: noDevices}, () => {
  const check = (from: string, to: string) =>
    checkDevices({host, device: from}, {host, device: to}, {isOurs: true});

  test('pass when nobody uses them, by their nodes and with their sizes', async () => {
    const [from, to] = [await loopDevice(1), await loopDevice(2)];
    const link = join(await folder(), 'link');
    await symlink(to, link);
    assert.deepEqual(await check(from, link), {bytes: MIB, largestBytes: 2 * MIB, from, to});
  });

  test('are refused when there is none at a path', async () => {
    const [device, place] = [await loopDevice(1), await folder()];
    for (const path of ['/dev/nothing', place, '/dev/null']) {
      const error = await failureOf(check(path, device));
      assert.equal(error.message, `localhost: there is no block device ${path}`);
    }
  });

  test('are refused when both are the same one, whatever it is called', async () => {
    const device = await loopDevice(1);
    const link = join(await folder(), 'other');
    await symlink(device, link);
    const {code, message} = await refusal(check(device, link));
    assert.equal(code, 'SameDevice');
    assert.equal(message, `localhost: ${device} and localhost: ${link} are one and the same volume`);
  });

  test('are refused while one is mounted', async () => {
    const [free, used] = [await loopDevice(64), await loopDevice(64)];
    await run('mkfs.ext4', '-q', used);
    const place = await mounted(used);
    for (const [from, to] of [
      [free, used],
      [used, free],
    ] as const) {
      const {code, message} = await refusal(check(from, to));
      assert.equal(code, 'DeviceInUse');
      assert.equal(message, `localhost: ${used} is in use: mounted at ${place}`);
    }
  });

  test('are refused while a partition of one is mounted', async () => {
    const [free, used] = [await loopDevice(64), await loopDevice(64)];
    await writePartitions(used, [30, 20]);
    await check(free, used);
    await run('mkfs.ext4', '-q', `${used}p2`);
    const place = await mounted(`${used}p2`);
    const {message} = await refusal(check(free, used));
    assert.equal(message, `localhost: ${used} is in use: mounted at ${place}`);
  });

  test('are refused while a process writes to one, not while it reads', async () => {
    const [from, to] = [await loopDevice(1), await loopDevice(1)];
    const reader = await open(to, 'r');
    await check(from, to);
    await reader.close();
    const writer = await open(to, 'r+');
    const {code, message} = await refusal(check(from, to)).finally(() => writer.close());
    assert.equal(code, 'DeviceInUse');
    assert.match(
      message,
      new RegExp(`^localhost: ${to} is in use: \\w+ \\(process ${process.pid}\\) writes to it$`),
    );
  });

  test('are refused when the target is smaller, even by a sector', async () => {
    const [from, to] = [await loopDevice(2), await loopDevice(2 - 1 / 2048)];
    const {code, message} = await refusal(check(from, to));
    assert.equal(code, 'DeviceTooSmall');
    assert.equal(message, `localhost: ${to} has 2096640 bytes, 512 fewer than localhost: ${from}`);
  });

  test('are refused when the target takes no writes', async () => {
    const [from, to] = [await loopDevice(1), await loopDevice(1)];
    await run('blockdev', '--setro', to);
    const {message} = await refusal(check(from, to));
    assert.equal(message, `localhost: ${to} takes no writes`);
    await run('blockdev', '--setrw', to);
  });

  test('pass whatever they hold when the target was made for the copy', async () => {
    const [from, to] = [await filledDevice(1), await loopDevice(64)];
    await run('mkfs.ext4', '-q', to);
    await check(from, to);
  });
});

describe('devices that the operator named', {skip: noDevices}, () => {
  const check = (from: string, to: string) =>
    checkDevices({host, device: from}, {host, device: to}, {isOurs: false});
  const emptied = (device: string): string =>
    `if nothing on it is needed, run on localhost: wipefs --all ${device} && dd if=/dev/zero of=${device} bs=1M count=1`;

  test('pass when the target is empty, or an earlier copy of the same LUKS volume', async () => {
    const [from, empty] = [await encryptedDevice(20), await loopDevice(20)];
    await check(from, empty);
    const earlier = await copyOf(from, 24);
    await writeBlocks(earlier, [4500]);
    await check(from, earlier);
  });

  test('are refused when the source is not encrypted', async () => {
    const [from, to] = [await loopDevice(64), await loopDevice(64)];
    await run('mkfs.ext4', '-q', from);
    const {code, message} = await refusal(check(from, to));
    assert.equal(code, 'NotEncrypted');
    assert.equal(message, `localhost: ${from} is not encrypted by LUKS, it holds ext4`);
  });

  test('are refused when the target is another LUKS volume', async () => {
    const [from, to] = [await encryptedDevice(20), await encryptedDevice(20)];
    const {code, message, hint} = await refusal(check(from, to));
    assert.equal(code, 'OtherVolume');
    assert.match(
      message,
      new RegExp(`^localhost: ${to} is another LUKS volume than localhost: ${from}: its UUID is`),
    );
    assert.equal(hint, emptied(to));
  });

  for (const [what, reason, make] of [
    ['a filesystem', 'it holds ext4', (device: string) => run('mkfs.ext4', '-q', device)],
    ['partitions', 'p1 (part) is on it', (device: string) => writePartitions(device, [10])],
    ['what nobody knows', 'its first MiB is not all zeros', (device: string) => writeBlocks(device, [200])],
  ] as const) {
    test(`are refused when the target holds ${what}, until it is emptied as is told`, async () => {
      const [from, to] = [await encryptedDevice(20), await loopDevice(64)];
      await make(to);
      const {code, message, hint} = await refusal(check(from, to));
      assert.equal(code, 'TargetNotEmpty');
      assert.ok(message.includes(`localhost: ${to} is not empty: `) && message.includes(reason), message);
      assert.equal(hint, emptied(to));
      await run('sh', '-c', hint.replace(/^.*?: /, ''));
      await check(from, to);
    });
  }
});

async function refusal(checking: Promise<unknown>): Promise<RefusedError> {
  const error = await failureOf(checking);
  assert.ok(error instanceof RefusedError, String(error));
  return error;
}

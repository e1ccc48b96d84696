/** A device is mounted as asked, or everything is as it was before. */
import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {mkdir, readFile, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {type MountRequest, mount} from '../../../src/disk/mount/mount.ts';
import {RefusedError, UsageError} from '../../../src/errors.ts';
import {CommandFailed, CommandInterrupted} from '../../../src/host/failures.ts';
import {UndoStack} from '../../../src/runner/undo.ts';
import {failureOf} from '../../host/failure-of.ts';
import {atEnd} from '../../ssh/at-end.ts';
import {copyOf, folder, localHost, loopDevice, mounted, noDevices, run} from '../devices.ts';

const MIB = {ext4: 32, xfs: 320} as const;

describe('mount', {skip: noDevices}, () => {
  const host = localHost();
  const undo = new UndoStack();
  const request = (more: Partial<MountRequest> = {}): MountRequest => ({undo, ...more});

  for (const type of ['ext4', 'xfs'] as const) {
    test(`of ${type} makes the folders that it needs, and its way back removes those alone`, async () => {
      const device = await filesystem(type);
      const place = await folder();
      const mountPoint = join(place, 'a b', "it's");
      const way = await mount(host, device, mountPoint, request());
      await writeFile(join(mountPoint, 'file'), 'written');
      assert.equal(await run('findmnt', '-no', 'SOURCE', mountPoint), device);
      await way.run();
      assert.deepEqual([existsSync(join(place, 'a b')), existsSync(place)], [false, true]);
    });

    test(`of a copy of ${type} works while the original is mounted`, async () => {
      const device = await filesystem(type);
      const original = await mounted(device);
      await writeFile(join(original, 'file'), 'the same');
      await run('sync', '-f', original);
      const mountPoint = join(await folder(), 'copy');
      await mount(host, await copyOf(device, MIB[type]), mountPoint, request());
      assert.equal(await readFile(join(mountPoint, 'file'), 'utf8'), 'the same');
    });

    test(`of ${type} for reading replays the journal of a copy that was in use, and lets nobody write`, async () => {
      const device = await filesystem(type);
      const original = await mounted(device);
      await writeFile(join(original, 'file'), 'synced');
      await run('sync', '-f', original);
      await writeFile(join(original, 'more'), 'to leave the log dirty');
      await run('sh', '-c', `cd ${original} && sync more`);
      const copy = await copyOf(device, MIB[type]);
      const mountPoint = join(await folder(), 'mnt');
      await mount(host, copy, mountPoint, request({readOnly: true}));
      assert.equal(await readFile(join(mountPoint, 'more'), 'utf8'), 'to leave the log dirty');
      assert.ok((await failureOf(writeFile(join(mountPoint, 'new'), ''))).message.startsWith('EROFS'));
    });
  }

  test('uses a folder that is there, through a link too, and leaves it', async () => {
    const [device, place] = [await filesystem('ext4'), await folder()];
    await mkdir(join(place, 'real'));
    await symlink('real', join(place, 'link'));
    const way = await mount(
      host,
      device,
      join(place, 'link', 'sub'),
      request({options: ['noatime', 'nodev']}),
    );
    assert.match(await run('findmnt', '-no', 'OPTIONS', join(place, 'real', 'sub')), /^rw,nodev,noatime/);
    await way.run();
    assert.deepEqual(
      [existsSync(join(place, 'real')), existsSync(join(place, 'real', 'sub'))],
      [true, false],
    );
  });

  test('hides no files, and says so before anything is changed', async () => {
    const [device, place] = [await filesystem('ext4'), await folder()];
    await writeFile(join(place, 'file'), 'precious');
    const error = await failureOf(mount(host, device, place, request()));
    assert.ok(error instanceof RefusedError);
    assert.equal(error.message, `localhost: ${place} is not empty`);
    const inFile = await failureOf(mount(host, device, join(place, 'file', 'x'), request()));
    assert.equal((inFile as RefusedError).code, 'NoFolder');
  });

  test('refuses what cannot be meant', async () => {
    const [device, place] = [await filesystem('ext4'), await folder()];
    const empty = await loopDevice();
    const to = join(place, 'mnt');
    for (const [given, at, expected] of [
      [device, 'mnt', /"mnt" is no mount point: give an absolute path$/],
      [empty, to, /^localhost: \/dev\/loop\d+ holds no filesystem that is known$/],
      ['/dev/sdzz', to, /^localhost: there is no block device \/dev\/sdzz$/],
    ] as const) {
      assert.match((await failureOf(mount(host, given, at, request()))).message, expected);
    }
    assert.ok((await failureOf(mount(host, device, 'mnt', request()))) instanceof UsageError);
    assert.equal(existsSync(to), false);
  });

  test('that fails half-way leaves no folder', async () => {
    const [device, place] = [await filesystem('ext4'), await folder()];
    const error = await failureOf(
      mount(host, device, join(place, 'a', 'b'), request({options: ['nonsense=1']})),
    );
    assert.ok(error instanceof CommandFailed);
    assert.equal(existsSync(join(place, 'a')), false);
  });

  test('for writing is never made a read-only one', async () => {
    const device = await filesystem('ext4');
    await run('blockdev', '--setro', device);
    // The node of a loop device remembers it for whoever gets it next.
    atEnd(async () => void (await run('blockdev', '--setrw', device)));
    const place = join(await folder(), 'mnt');
    assert.match((await failureOf(mount(host, device, place, request()))).message, /write-protected/);
    const way = await mount(host, device, place, request({readOnly: true}));
    await way.run();
  });

  test('that is interrupted is taken back, though the run is over', async () => {
    const [device, place] = [await filesystem('ext4'), await folder()];
    const stop = new AbortController();
    const interrupted = localHost({
      signal: stop.signal,
      onEvent: ({kind, command}) => {
        if (kind === 'started' && command.startsWith('mount ')) stop.abort();
      },
    });
    const own = new UndoStack();
    await mount(interrupted, device, join(place, 'a', 'b'), request({undo: own})).catch((error: unknown) =>
      assert.ok(error instanceof CommandInterrupted),
    );
    assert.deepEqual(await own.unwind(), []);
    assert.equal(existsSync(join(place, 'a')), false);
  });

  test('has a way back when the device is gone', async () => {
    const [device, own] = [await filesystem('ext4'), new UndoStack()];
    const mountPoint = join(await folder(), 'mnt');
    await mount(host, device, mountPoint, request({undo: own}));
    await writeFile(join(mountPoint, 'file'), 'not written yet');
    await run('truncate', '--size', '0', await run('losetup', '-nO', 'BACK-FILE', device));
    await run('losetup', '--set-capacity', device);
    assert.deepEqual(await own.unwind(), []);
    assert.equal(existsSync(mountPoint), false);
  });

  test('has a way back that leaves alone what another mounted there since', async () => {
    const [device, other, place] = [await filesystem('ext4'), await filesystem('ext4'), await folder()];
    const mountPoint = join(place, 'mnt');
    const own = new UndoStack();
    await mount(host, device, mountPoint, request({undo: own}));
    await run('umount', mountPoint);
    await run('mount', other, mountPoint);
    assert.deepEqual(await own.unwind(), []);
    assert.equal(await run('findmnt', '-no', 'SOURCE', mountPoint), other);
  });

  test('stays when it is kept', async () => {
    const [device, own] = [await filesystem('ext4'), new UndoStack()];
    const mountPoint = join(await folder(), 'mnt');
    (await mount(host, device, mountPoint, request({undo: own}))).keep();
    assert.deepEqual(await own.unwind(), []);
    assert.equal(await run('findmnt', '-no', 'SOURCE', mountPoint), device);
  });
});

async function filesystem(type: keyof typeof MIB): Promise<string> {
  const device = await loopDevice(MIB[type]);
  await run(`mkfs.${type}`, '-q', device);
  return device;
}

/** What is busy stays mounted, and whoever uses it is named. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, open} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {FilesystemBusy, unmount} from '../../../src/disk/mount/unmount.ts';
import {failureOf} from '../../host/failure-of.ts';
import {folder, localHost, loopDevice, mounted, noDevices, run} from '../devices.ts';

describe('unmount', {skip: noDevices}, () => {
  const host = localHost();
  const filesystem = async (): Promise<string> => {
    const device = await loopDevice(32);
    await run('mkfs.ext4', '-q', device);
    return mounted(device);
  };

  test('may be called twice, and where nothing ever was', async () => {
    const mountPoint = await filesystem();
    await unmount(host, mountPoint);
    assert.equal(await run('sh', '-c', `findmnt ${mountPoint} || true`), '');
    await unmount(host, mountPoint);
    await unmount(host, join(mountPoint, 'never'));
  });

  test('names the process whose folder or open file is in it', async () => {
    const mountPoint = await filesystem();
    const sleeper = spawn('sleep', ['600'], {cwd: mountPoint});
    await once(sleeper, 'spawn');
    const file = await open(join(mountPoint, 'open'), 'w');
    const error = await failureOf(unmount(host, mountPoint));
    assert.ok(error instanceof FilesystemBusy);
    assert.match(error.message, new RegExp(`^localhost: ${mountPoint} is busy: in use by `));
    assert.match(error.message, new RegExp(`in use by sleep \\(process ${sleeper.pid}\\)`));
    assert.match(error.message, new RegExp(`in use by \\S+ \\(process ${process.pid}\\)`));
    sleeper.kill();
    await once(sleeper, 'exit');
    await file.close();
    await unmount(host, mountPoint);
  });

  test('names what is mounted in it', async () => {
    const outer = await filesystem();
    const inner = join(outer, 'in ner');
    await mkdir(inner);
    await run('mount', '--bind', await folder(), inner);
    const error = await failureOf(unmount(host, outer));
    assert.match(error.message, new RegExp(`is busy: ${inner} is mounted in it`));
  });

  test('says so when no process is the reason', async () => {
    const mountPoint = await filesystem();
    const image = join(mountPoint, 'image');
    await run('truncate', '--size', '1M', image);
    const device = await run('losetup', '--find', '--show', image);
    const error = await failureOf(unmount(host, mountPoint));
    assert.match(error.message, /is busy: in use by no process/);
    await run('losetup', '--detach', device);
    await unmount(host, mountPoint);
  });
});

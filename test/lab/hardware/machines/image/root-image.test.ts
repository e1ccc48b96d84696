/** The image of the root disk. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {makeRootImage} from '../../../../../src/lab/hardware/machines/image/root-image.ts';
import {atEnd} from '../../../../ssh/at-end.ts';
import {noHardware} from '../../lab-up.ts';

const MIB = 64;

describe('a root image', {skip: noHardware}, () => {
  let file = '';
  const on = (command: string) =>
    execFileSync('debugfs', ['-R', command, file], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ftask-root-image-'));
    atEnd(() => rm(folder, {recursive: true}));
    file = join(folder, 'root.img');
    await makeRootImage(file, MIB);
  });

  test('is a sound ext4 of the size asked for, in a sparse file', async () => {
    const {size, blocks} = await stat(file);
    assert.equal(size, MIB * 2 ** 20);
    assert.ok(blocks * 512 < size / 4);
    execFileSync('e2fsck', ['-f', '-n', file], {stdio: 'ignore'});
  });

  test('knows no password', () => {
    const users = on('cat /etc/shadow').trim().split('\n');
    assert.ok(users.some((line) => line.startsWith('admin:')));
    assert.deepEqual(
      users.filter((line) => line.split(':')[1] !== '*'),
      [],
    );
  });

  test('has no key, neither of a host nor to a user', () => {
    assert.doesNotMatch(on('ls -p /etc/ssh'), /_key/);
    assert.doesNotMatch(on('ls -p /home/admin'), /\.ssh/);
    assert.doesNotMatch(on('ls -p /root'), /\.ssh/);
  });

  test('keeps sudoers and shadow from others, and lets all write to /tmp', () => {
    assert.match(on('stat /etc/sudoers.d/90-cloud-init-users'), /Mode: {2}0440/);
    assert.match(on('stat /etc/shadow'), /Mode: {2}0640/);
    assert.match(on('stat /tmp'), /Mode: {2}01777/);
  });
});

import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {lockOnHost} from '../../../src/app/lock/host-lock.ts';
import {localHost, noDevices} from '../../disk/devices.ts';
import {atEnd} from '../../ssh/at-end.ts';
import {holderOf} from './holder.ts';

describe('the lock of an application on its host', {skip: noDevices}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ftask-lock-'));
  atEnd(async () => rmSync(folder, {recursive: true}));
  const root = join(folder, 'deep/er/shop');

  test('makes the folder, for root only', async () => {
    const lock = await lockOnHost(localHost(), root, 'run 1');
    assert.equal(statSync(root).mode & 0o777, 0o700);
    assert.equal(lock.stale, undefined);
    await lock.release();
  });

  test('closes a folder that others could read', async () => {
    const open = join(folder, 'open');
    mkdirSync(open, {mode: 0o755});
    await (await lockOnHost(localHost(), open, 'run 1')).release();
    assert.equal(statSync(open).mode & 0o777, 0o700);
  });

  const others: readonly (readonly [string, (folder: string) => string])[] = [
    ['belongs to another user', (at) => owned(at, 0o755, 12_345)],
    ['can be written to by others', (at) => owned(at, 0o777)],
    ['can be written to by a group', (at) => owned(at, 0o770, 0, 12_345)],
    ['is below such a folder', (at) => join(owned(at, 0o755, 12_345), 'shop')],
    ['is a link that somebody else made', (at) => linked(at, owned(`${at}-there`, 0o755), 12_345)],
    ['is a link to such a folder', (at) => linked(at, owned(`${at}-there`, 0o755, 12_345))],
  ];
  for (const [title, make] of others) {
    test(`refuses a folder that ${title}, and leaves it as it is`, async () => {
      const place = make(join(folder, title.replaceAll(' ', '-')));
      const before = existsSync(place) ? statSync(place) : undefined;
      await assert.rejects(lockOnHost(localHost(), place, 'run 1'), {
        code: 'LockFailed',
        message: /others than root/,
      });
      const after = existsSync(place) ? statSync(place) : undefined;
      assert.deepEqual([after?.mode, after?.uid], [before?.mode, before?.uid]);
      assert.ok(!existsSync(join(place, '.lock')));
    });
  }

  test("takes root's link to root's folder, even below one like /tmp", async () => {
    const shared = owned(join(folder, 'shared'), 0o1777);
    const place = linked(join(shared, 'link'), owned(join(shared, 'there'), 0o755));
    await (await lockOnHost(localHost(), place, 'run 1')).release();
    assert.equal(statSync(place).mode & 0o777, 0o700);
  });

  test('lets only one of many in, and the next one when that is done', async () => {
    const all = await Promise.allSettled(
      Array.from({length: 8}, (_, number) => lockOnHost(localHost(), root, `run ${number}`)),
    );
    const held = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const errors = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    assert.equal(held.length, 1);
    assert.deepEqual([...new Set(errors.map(({code}) => code))], ['Locked']);
    const [lock] = held;
    await lock?.release();
    await lock?.release();
    assert.equal(lock?.lost.aborted, false);
    await (await lockOnHost(localHost(), root, 'run 9')).release();
  });

  test('names its holder in one line, whatever that is called', async () => {
    const owner = `an'a "$(id)" \\n of x`;
    const lock = await lockOnHost(localHost(), root, owner);
    assert.equal(readFileSync(join(root, '.lock'), 'utf8'), `${owner}\n`);
    await assert.rejects(lockOnHost(localHost(), root, 'run 2'), {
      message: `localhost: ${root} is in use: ${owner}`,
    });
    await lock.release();
    assert.equal(readFileSync(join(root, '.lock'), 'utf8'), '');
  });

  test('that its holder never gave back is taken over, and that is told once', async () => {
    const lock = await lockOnHost(localHost(), root, 'run 1');
    const isLost = new Promise((resolve) => lock.lost.addEventListener('abort', resolve));
    process.kill(holderOf(join(root, '.lock')), 'SIGKILL');
    await isLost;
    for (const stale of ['run 1', undefined]) {
      const next = await lockOnHost(localHost(), root, 'run 2');
      assert.equal(next.stale, stale);
      await next.release();
    }
  });

  test('cannot be had where no folder can be made, and says why', async () => {
    await assert.rejects(lockOnHost(localHost(), '/proc/none/shop', 'run 1'), {message: /\/proc\/none/});
  });
});

function owned(path: string, mode: number, uid = 0, gid = 0): string {
  mkdirSync(path);
  chmodSync(path, mode);
  chownSync(path, uid, gid);
  return path;
}

function linked(path: string, target: string, uid = 0): string {
  symlinkSync(target, path);
  lchownSync(path, uid, uid);
  return path;
}

/** Who holds a lock, and whether that process lives. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {describe, test} from 'node:test';
import {isGone, type Owner, thisOwner} from '../../../src/replica/lock/owner.ts';
import {processMark} from '../../../src/runner/lock/process-mark.ts';

const skip = existsSync('/proc/self/ns/pid') ? false : 'needs /proc';

/** Another process of this machine. */
async function ownerOf(pid: number): Promise<Owner> {
  const {name, process: mine = ''} = await thisOwner();
  return {name, process: `${mine.split(' ')[0]} ${pid} ${await processMark(pid)}`};
}

describe('the owner of a lock', {skip}, () => {
  test('is named by user, host and process', async () => {
    const {name} = await thisOwner();
    assert.match(name, new RegExp(`^\\S+@\\S+ process ${process.pid}$`));
  });

  test('lives as long as its process, and is gone after that', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const owner = await ownerOf(child.pid ?? 0);
    assert.equal(await isGone(await thisOwner()), false);
    assert.equal(await isGone(owner), false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(await isGone(owner), true);
  });

  test('is not known to be gone on another machine, before a restart, in a container, or where nothing tells', async () => {
    const {name, process: mine = ''} = await thisOwner();
    const [space = '', , mark = ''] = mine.split(' ');
    const gone = `${space} 4194000 ${mark.split('/')[0]}/1`;
    assert.equal(await isGone({name, process: gone}), true);
    const others = [
      gone.replace(space, 'pid:[1]'),
      gone.replace(mark.split('/')[0] ?? '', 'f3b4ab1e-0000-4000-8000-000000000000'),
      '',
      undefined,
    ];
    for (const other of others) assert.equal(await isGone({name, process: other}), false, other);
  });
});

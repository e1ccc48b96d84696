/** Files move over ssh2, and through sudo, as they do anywhere. */
import assert from 'node:assert/strict';
import {statSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {TransferFailed} from '../../../src/host/failures.ts';
import {noSshd, notRoot} from '../../ssh/sshd.ts';
import {makeUser, noSudo} from '../../ssh/users.ts';
import {failureOf} from '../failure-of.ts';
import {overSsh} from '../over-ssh.ts';
import {transferContract} from './contract.ts';
import {inFolder, namesIn, newFolder} from './files.ts';

describe('over SSH', {skip: noSshd || notRoot}, async () => {
  const ssh = await overSsh();
  transferContract('root over ssh2', () => ssh.host('root'));
});

describe('through sudo', {skip: noSshd || noSudo}, async () => {
  const ssh = await overSsh();
  const user = await makeUser({sudoers: 'ALL=(ALL) ALL'});

  test('puts and gets what only root may touch', async () => {
    const host = await ssh.host(user.name, user.password);
    const folder = newFolder();
    await host.put({content: 'root only'}, join(folder, 'file'), {sudo: true, mode: 0o600});
    await host.get(join(folder, 'file'), join(folder, 'back'), {sudo: true});
    assert.equal(inFolder(folder, 'stat -c "%U %a" file; cat back'), 'root 600\nroot only');
    assert.deepEqual(namesIn(folder), ['back', 'file']);
  });

  test('puts a folder as another user', async () => {
    const host = await ssh.host(user.name, user.password);
    const other = await makeUser();
    const folder = newFolder();
    inFolder(folder, 'mkdir source; touch source/file');
    const {uid} = statSync(other.home);
    await host.put(join(folder, 'source'), join(other.home, 'there'), {sudo: other.name});
    assert.deepEqual(
      ['there', 'there/file'].map((name) => statSync(join(other.home, name)).uid),
      [uid, uid],
    );
  });

  test('says what is refused without it, with sudo as the hint', async () => {
    const host = await ssh.host(user.name, user.password);
    const folder = newFolder();
    inFolder(folder, 'echo x >secret; chmod 600 secret; chmod 755 .');
    for (const move of [
      () => host.put({content: ''}, join(folder, 'file')),
      () => host.put(folder, join(folder, 'copy')),
      () => host.put({content: ''}, join(user.home, 'file'), {owner: 'root'}),
      () => host.get(join(folder, 'secret'), join(folder, 'back')),
    ]) {
      const error = await failureOf(move());
      assert.ok(error instanceof TransferFailed, error.stack);
      assert.match(error.message, /^web1: cannot .*: permission denied$/);
      assert.match(error.hint ?? '', /sudo: true/);
    }
    assert.deepEqual(namesIn(folder), ['secret']);
  });

  test('starts a relative path in the home of the user', async () => {
    const host = await ssh.host(user.name, user.password);
    for (const path of ['relative', './dotted', '~/home', '-dash']) await host.put({content: ''}, path);
    const {path} = await host.get('~/home', newFolder());
    assert.ok(path.endsWith('/home'));
    assert.deepEqual(
      namesIn(user.home).filter((name) => !/^\.(bash|profile|cache|config)/.test(name)),
      ['-dash', 'dotted', 'home', 'relative'],
    );
  });
});

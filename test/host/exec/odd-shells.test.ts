/** Login shells that say too much, or are none. */
import assert from 'node:assert/strict';
import {chmod, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {sh} from '../../../src/host/command.ts';
import {CommandFailed, CommandTimedOut} from '../../../src/host/failures.ts';
import {Secret} from '../../../src/secret.ts';
import {noSshd} from '../../ssh/sshd.ts';
import {makeUser, noSudo} from '../../ssh/users.ts';
import {overSsh} from '../over-ssh.ts';

describe('an odd login shell', {skip: noSshd || noSudo}, async () => {
  const ssh = await overSsh();

  test('may greet on both outputs: that is no output of the command', async () => {
    const user = await makeUser({sudoers: 'ALL=(ALL) ALL'});
    await writeFile(join(user.home, '.bashrc'), 'echo Welcome; echo Mind the gap >&2; set -x\n');
    const host = await ssh.host(user.name, user.password);
    for (const sudo of [false, true]) {
      const {stdout, stderr} = await host.run(sh`echo out; echo err >&2`, {sudo});
      assert.deepEqual([stdout, stderr], ['out\n', 'err\n']);
    }
  });

  test('may be fish, which is no POSIX shell', async () => {
    const user = await makeUser({shell: '/usr/bin/fish'});
    const {stdout} = await (await ssh.host(user.name)).run(['printf', '%s|', "it's", '$HOME', 'a\nb']);
    assert.equal(stdout, "it's|$HOME|a\nb|");
  });

  test('may refuse: that is told apart from a failing command', async () => {
    const user = await makeUser({shell: '/usr/sbin/nologin'});
    const error = await (await ssh.host(user.name)).run(['true'], {accept: 'any'}).catch((thrown) => thrown);
    assert.ok(error instanceof CommandFailed);
    assert.equal(error.code, 'NoShell');
    assert.match(error.message, /This account is currently not available/);
  });

  test('gets no secret when it is not a shell', async () => {
    const user = await makeUser();
    const shell = join(user.home, 'appliance');
    await writeFile(shell, '#!/bin/sh\nexec cat\n');
    await chmod(shell, 0o755);
    const other = await makeUser({shell});
    const host = await ssh.host(other.name, undefined, {timeoutMs: 500});
    const env = {PASS: new Secret('not for an appliance')};
    const error = await host.run(['true'], {env}).catch((thrown) => thrown);
    assert.ok(error instanceof CommandTimedOut);
    assert.deepEqual([error.result.stdout, error.ending.how], ['', 'unknown']);
  });
});

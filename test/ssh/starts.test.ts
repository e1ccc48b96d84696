/** Many connections at once to one server, which takes ten strangers at a time by default (MaxStartups 10:30:100). */
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {poolOf, runOn} from './pools.ts';
import {noSshd, startSshd} from './sshd.ts';

describe('fifty hosts at one server', {skip: noSshd}, () => {
  test('are all reached when they have addresses of their own', async () => {
    const sshd = await startSshd();
    const names = Object.fromEntries(
      Array.from({length: 50}, (_, index) => [`h${index}`, `127.0.0.${index + 1}`]),
    );
    const pool = await poolOf(await sshd.clientConfig(names));
    const said = await Promise.all(Object.keys(names).map((name) => runOn(pool.to(name), `echo ${name}`)));
    assert.deepEqual(
      said.map(({stdout}) => stdout.trim()),
      Object.keys(names),
    );
  });

  test('are never dropped when they have one address', async () => {
    const sshd = await startSshd();
    const pool = await poolOf(await sshd.clientConfig({'h*': '127.0.0.1'}));
    const names = Array.from({length: 50}, (_, index) => `h${index}`);
    const said = await Promise.all(names.map((name) => runOn(pool.to(name), `echo ${name}`)));
    assert.deepEqual(
      said.map(({stdout}) => stdout.trim()),
      names,
    );
    assert.doesNotMatch(sshd.log(), /MaxStartups/);
  });

  test('are all known afterwards when their keys are accepted at once', async () => {
    const sshd = await startSshd();
    const file = join(sshd.folder, 'new_known_hosts');
    const names = Object.fromEntries(
      Array.from({length: 50}, (_, index) => [`h${index}`, `127.0.0.${index + 1}`]),
    );
    const said = ['StrictHostKeyChecking accept-new', `UserKnownHostsFile ${file}`];
    const pool = await poolOf(await sshd.clientConfig(names), {said});
    await Promise.all(Object.keys(names).map((name) => runOn(pool.to(name), 'true')));
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    assert.equal(lines.length, 50);
    assert.equal(new Set(lines.map((line) => line.split(' ')[0])).size, 50);
    const strict = await poolOf(await sshd.clientConfig(names), {said: [`UserKnownHostsFile ${file}`]});
    assert.equal((await runOn(strict.to('h7'), 'echo known')).stdout, 'known\n');
  });
});

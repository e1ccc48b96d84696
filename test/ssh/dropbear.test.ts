/** A server that is not OpenSSH: small, as on routers, with what it does otherwise. */
import assert from 'node:assert/strict';
import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {chown, copyFile, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {promisify} from 'node:util';
import type {Transport} from '../../src/host/transport.ts';
import {endOf, poolOf, runOn} from './pools.ts';
import {freePort, makeKey, notRoot} from './sshd.ts';
import {makeUser, noSudo} from './users.ts';

const run = promisify(execFile);
const noDropbear = existsSync('/usr/sbin/dropbear') ? false : 'needs dropbear';

describe('a dropbear server', {skip: noDropbear || notRoot || noSudo}, () => {
  let folder: string;
  let server: ChildProcess;
  let host: Transport;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ftask-dropbear-'));
    const user = await makeUser();
    const key = await makeKey(folder, 'client', 'rsa');
    const ssh = join(user.home, '.ssh');
    await mkdir(ssh, {mode: 0o700});
    await copyFile(`${key}.pub`, join(ssh, 'authorized_keys'));
    const [{stdout: uid}, {stdout: gid}] = await Promise.all([
      run('id', ['-u', user.name]),
      run('id', ['-g', user.name]),
    ]);
    for (const path of [ssh, join(ssh, 'authorized_keys')]) await chown(path, Number(uid), Number(gid));
    const hostKey = join(folder, 'host');
    await run('dropbearkey', ['-t', 'ecdsa', '-f', hostKey]);
    const port = await freePort();
    server = spawn('dropbear', ['-F', '-E', '-s', '-r', hostKey, '-p', `127.0.0.1:${port}`], {
      stdio: 'ignore',
    });
    await untilListening(port);
    const config = join(folder, 'config');
    const lines = [
      'Host box',
      'HostName 127.0.0.1',
      `Port ${port}`,
      `User ${user.name}`,
      `IdentityFile ${key}`,
      `UserKnownHostsFile ${join(folder, 'known_hosts')}`,
      'StrictHostKeyChecking accept-new',
    ];
    await writeFile(config, lines.join('\n'), {mode: 0o600});
    host = (await poolOf(config)).to('box');
  });
  after(async () => {
    server.kill();
    await rm(folder, {recursive: true});
  });

  test('runs commands', async () => {
    const said = await runOn(host, 'cat; echo err >&2; exit 3', 'input');
    assert.deepEqual(said, {stdout: 'input', stderr: 'err\n', code: 3, signal: null});
  });

  test('tells signals', async () => {
    const {code, signal} = await runOn(host, 'kill -KILL $$');
    assert.deepEqual({code, signal}, {code: null, signal: 'KILL'});
  });

  test('runs many, one after the other however many are asked for', async () => {
    const said = await Promise.all(Array.from({length: 100}, (_, index) => runOn(host, `echo ${index}`)));
    assert.deepEqual(
      said.map(({stdout}) => Number(stdout)),
      [...said.keys()],
    );
  });

  test('runs what is urgent beside them', async () => {
    const busy = await host.open('cat');
    assert.equal((await runOn(host, 'echo now', '', {isUrgent: true})).stdout, 'now\n');
    assert.equal((await endOf(busy, 'still there')).stdout, 'still there');
  });

  test('passes much data on', async () => {
    const {stdout} = await runOn(host, 'wc -c', 'x'.repeat(5_000_000));
    assert.equal(Number(stdout), 5_000_000);
  });

  test('gives terminals', async () => {
    const {stdout} = await runOn(host, 'stty size', '', {pty: {columns: 100, rows: 30}});
    assert.equal(stdout, '30 100\r\n');
  });
});

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const isThere = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      }).on('error', () => resolve(false));
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

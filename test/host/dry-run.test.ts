/** A dry run reads, and only tells what it would change. */
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {after, describe, test} from 'node:test';
import {sh} from '../../src/host/command.ts';
import {dryRunHost} from '../../src/host/dry-run.ts';
import {shellHost} from '../../src/host/exec/shell-host.ts';
import type {Host} from '../../src/host/host.ts';
import {localTransport} from '../../src/host/local.ts';

describe('a dry run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ftask-dry-'));
  after(() => rmSync(folder, {recursive: true}));

  test('runs a command that only reads', async () => {
    const {host, told} = dry();
    assert.equal((await host.run(sh`echo here`, {reads: true})).stdout, 'here\n');
    assert.equal(await text((await host.stream(sh`echo there`, {reads: true})).stdout), 'there\n');
    assert.deepEqual(told, []);
  });

  test('tells of every other, and gives an empty success', async () => {
    const {host, told} = dry();
    const {code, stdout} = await host.run(sh`touch ${folder}/made`, {sudo: 'backup'});
    const running = await host.stream(['touch', `${folder}/made`]);
    running.stdin.end('dropped');
    assert.deepEqual([code, stdout, await text(running.stdout), (await running.result).code], [0, '', '', 0]);
    assert.deepEqual(told, [
      `localhost: would run as backup: touch ${folder}/made`,
      `localhost: would run: touch ${folder}/made`,
    ]);
    assert.equal(existsSync(`${folder}/made`), false);
  });

  test('moves no files, in neither direction', async () => {
    const {host, told} = dry();
    await host.put({content: 'x'}, `${folder}/a`, {sudo: true});
    await host.put('/etc/hostname', `${folder}/b`);
    await host.get('/etc/hostname', `${folder}/c`);
    assert.deepEqual(told, [
      `localhost: would put content as ${folder}/a as root`,
      `localhost: would put /etc/hostname as ${folder}/b`,
      `localhost: would get /etc/hostname into ${folder}/c`,
    ]);
    assert.deepEqual(readdirSync(folder), []);
  });
});

function dry(): {host: Host; told: string[]} {
  const told: string[] = [];
  const settings = {signal: new AbortController().signal, timeoutMs: 10_000};
  const local = shellHost('localhost', localTransport(), settings);
  return {host: dryRunHost(local, (line) => void told.push(line)), told};
}

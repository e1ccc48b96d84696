/** A scripted host answers, remembers, and never invents. */
import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {after, describe, test} from 'node:test';
import {sh} from '../../src/host/command.ts';
import {CommandFailed, TransferFailed} from '../../src/host/failures.ts';
import {scriptedHost} from '../../src/host/scripted.ts';

describe('a scripted host', () => {
  test('answers by text, by pattern and by function, and remembers what was run', async () => {
    const host = scriptedHost('web1', [
      ['uptime', 'up 3 days\n'],
      [/^lsblk /, {stdout: '{}', stderr: 'note'}],
      [/^echo /, ({text: said}) => said.slice(5)],
    ]);
    const lines: string[] = [];
    assert.equal(
      (await host.run(['uptime'], {onLine: (line) => void lines.push(line)})).stdout,
      'up 3 days\n',
    );
    assert.equal((await host.run(['lsblk', '--json'], {sudo: true})).stderr, 'note');
    assert.equal(await text((await host.stream(sh`echo ${'it'}`)).stdout), 'it');
    assert.deepEqual(lines, ['up 3 days']);
    assert.deepEqual(
      host.ran.map(({text: command, sudo}) => [command, sudo]),
      [
        ['uptime', undefined],
        ['lsblk --json', true],
        ['echo it', undefined],
      ],
    );
  });

  test('fails as a host does', async () => {
    const host = scriptedHost('web1', [
      ['false', {code: 1, stderr: 'no'}],
      ['stop', {signal: 'TERM'}],
    ]);
    await assert.rejects(
      host.run(['false']),
      (error) => error instanceof CommandFailed && error.result.code === 1,
    );
    assert.equal((await host.run(['false'], {accept: [0, 1]})).code, 1);
    await assert.rejects(host.run(['stop']), /ended by signal TERM/);
    await assert.rejects((await host.stream(['false'])).result, CommandFailed);
  });

  test('throws on what the script does not know', async () => {
    await assert.rejects(
      scriptedHost('web1', []).run(['rm', '-rf']),
      /web1: the script has no answer to: rm -rf/,
    );
  });

  test('keeps files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ftask-scripted-'));
    after(() => rmSync(folder, {recursive: true}));
    const host = scriptedHost('web1', []);
    const {bytes} = await host.put({content: 'text'}, '/etc/motd');
    await host.get('/etc/motd', join(folder, 'motd'));
    assert.deepEqual([bytes, readFileSync(join(folder, 'motd'), 'utf8')], [4, 'text']);
    await assert.rejects(host.get('/none', join(folder, 'none')), TransferFailed);
  });
});

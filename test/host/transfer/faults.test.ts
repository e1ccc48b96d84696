/** What goes wrong while files move: one clear error each, nothing half under the final name, nothing left behind. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Transform} from 'node:stream';
import {after, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {shellHost} from '../../../src/host/exec/shell-host.ts';
import {CommandFailed, ConnectionLost, TransferFailed} from '../../../src/host/failures.ts';
import type {Host, Running} from '../../../src/host/host.ts';
import {localTransport} from '../../../src/host/local.ts';
import type {Carrier} from '../../../src/host/transfer/carrier.ts';
import {get} from '../../../src/host/transfer/get.ts';
import {put} from '../../../src/host/transfer/put.ts';
import {poolOf} from '../../ssh/pools.ts';
import {noSshd, notRoot, startSshd} from '../../ssh/sshd.ts';
import {failureOf} from '../failure-of.ts';
import {shellsWith} from '../processes.ts';
import {inFolder, namesIn, newFolder} from './files.ts';

const BYTES = 20_000_000;

function thisMachine(env: Record<string, string> = {}): Host {
  const signal = new AbortController().signal;
  return shellHost('localhost', localTransport(), {signal, timeoutMs: 60_000, graceMs: 500, env});
}

/** This machine, where one byte on the way changes. */
function corrupting(stream: 'stdin' | 'stdout'): Carrier {
  const host = thisMachine();
  const corrupt = (running: Running): Running => {
    if (stream === 'stdout') return {...running, stdout: running.stdout.pipe(flipByte(1_000_000))};
    const way = flipByte(1_000_000);
    way.pipe(running.stdin);
    return {...running, stdin: way};
  };
  return {...host, stream: async (command, options) => corrupt(await host.stream(command, options))};
}

function flipByte(at: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const index = at - passed;
      passed += chunk.length;
      const changed = Buffer.from(chunk);
      if (index >= 0 && index < chunk.length) changed[index] = (chunk[index] ?? 0) ^ 1;
      done(null, changed);
    },
  });
}

/** A small file system of its own, with `kiB` free. */
function smallDisk(kiB: number): string {
  const folder = newFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kiB}k`, 'ftask-test', folder]);
  after(() => execFileSync('umount', [folder]));
  return folder;
}

describe('content that changes on its way', () => {
  for (const kind of ['file', 'folder'] as const) {
    test(`is refused when a ${kind} is put`, async () => {
      const folder = sourceIn(newFolder(), kind);
      const error = await failureOf(put(corrupting('stdin'), join(folder, 'source'), join(folder, 'there')));
      assert.ok(error instanceof TransferFailed, error.stack);
      assert.match(error.message, /what arrived is not what was sent; its SHA-256 differs/);
      assert.deepEqual(namesIn(folder), ['source']);
    });

    test(`is refused when a ${kind} is fetched`, async () => {
      const folder = sourceIn(newFolder(), kind);
      const error = await failureOf(get(corrupting('stdout'), join(folder, 'source'), join(folder, 'there')));
      assert.match(error.message, /what arrived is not what was sent; its SHA-256 differs/);
      assert.deepEqual(namesIn(folder), ['source']);
    });
  }
});

describe('a full disk', {skip: notRoot}, () => {
  for (const kind of ['file', 'folder'] as const) {
    for (const move of ['put', 'get'] as const) {
      test(`is told when a ${kind} is moved by ${move}, and has its room back`, async () => {
        const folder = sourceIn(newFolder(), kind);
        const disk = smallDisk(2000);
        inFolder(disk, 'mkdir there; touch there/old');
        const path = join(disk, kind === 'file' ? 'there/new' : 'there');
        const error = await failureOf(thisMachine()[move](join(folder, 'source'), path, {replace: true}));
        assert.ok(error instanceof TransferFailed, error.stack);
        assert.match(error.message, /no space left/i);
        assert.ok(error.message.includes(disk), error.message);
        assert.deepEqual([namesIn(disk), namesIn(join(disk, 'there'))], [['there'], ['old']]);
        assert.ok(Number(inFolder(disk, 'df --output=used . | tail -1')) < 100);
      });
    }
  }
});

describe('a script that is killed', () => {
  for (const kind of ['file', 'folder'] as const) {
    test(`leaves nothing of a ${kind} that was put`, async () => {
      const folder = sourceIn(newFolder(), kind);
      const error = await failureOf(
        thisMachine().put(join(folder, 'source'), join(folder, 'there'), {
          onProgress: once(() => killScripts(folder)),
        }),
      );
      assert.ok(error instanceof CommandFailed, error.stack);
      assert.match(error.message, /^localhost: put .*source as .*there: ended by signal KILL$/);
      assert.deepEqual(namesIn(folder), ['source']);
    });

    test(`leaves nothing of a ${kind} that was fetched`, async () => {
      const folder = sourceIn(newFolder(), kind);
      const error = await failureOf(
        thisMachine().get(join(folder, 'source'), join(folder, 'there'), {
          onProgress: once(() => killScripts(folder)),
        }),
      );
      assert.ok(error instanceof CommandFailed, error.stack);
      assert.deepEqual(namesIn(folder), ['source']);
    });
  }
});

describe('a session that is killed', {skip: noSshd || notRoot}, () => {
  for (const move of ['put', 'get'] as const) {
    test(`during ${move} is a lost connection, and leaves nothing`, async () => {
      const sshd = await startSshd();
      const pool = await poolOf(await sshd.clientConfig({web1: '127.0.0.1'}));
      const host = shellHost('web1', pool.to('web1'), {
        signal: new AbortController().signal,
        timeoutMs: 60_000,
      });
      const folder = sourceIn(newFolder(), 'file');
      const error = await failureOf(
        host[move](join(folder, 'source'), join(folder, 'there'), {
          onProgress: once(() => sshd.killSessions()),
        }),
      );
      assert.ok(error instanceof ConnectionLost, error.stack);
      // The script sees the end of its streams a moment later.
      while (namesIn(folder).length > 1) await delay(20);
      assert.deepEqual(namesIn(folder), ['source']);
    });
  }
});

describe('a host that lies', () => {
  test('writes nothing outside of the target', async () => {
    const folder = newFolder();
    inFolder(folder, EVIL_TAR);
    const host = thisMachine({PATH: `${folder}/bin:${process.env['PATH']}`});
    await host.get(join(folder, 'source'), join(folder, 'target')).catch((error: unknown) => {
      assert.ok(error instanceof TransferFailed);
    });
    assert.deepEqual(namesIn(join(folder, 'outside')), ['kept']);
    assert.equal(readFileSync(join(folder, 'outside/kept'), 'utf8'), 'mine\n');
    assert.equal(existsSync(join(folder, 'escaped')), false);
    assert.deepEqual(
      namesIn(folder).filter((name) => name.startsWith('.ftask')),
      [],
    );
  });
});

describe('a host with less', () => {
  test('needs no openssl, and is told when it has nothing to check with', async () => {
    const folder = sourceIn(newFolder(), 'file');
    const tools = 'cat chmod dd ls mkdir mv readlink rm sh stat sync tee tar wc sleep ps sed tr kill';
    inFolder(folder, `mkdir bin; for t in ${tools} sha256sum; do ln -s "$(command -v $t)" bin/; done`);
    const host = thisMachine({PATH: join(folder, 'bin')});
    await host.put(join(folder, 'source'), join(folder, 'there'));
    await host.get(join(folder, 'there'), join(folder, 'back'));
    assert.equal(statSync(join(folder, 'back')).size, BYTES);
    inFolder(folder, 'rm bin/sha256sum there back');
    for (const move of ['put', 'get'] as const) {
      const error = await failureOf(host[move](join(folder, 'source'), join(folder, 'there')));
      assert.match(error.message, /no program for SHA-256/);
    }
    assert.deepEqual(namesIn(folder), ['bin', 'source']);
  });
});

describe('two at once', () => {
  test('leave one of the two under the name, whole', async () => {
    const folder = newFolder();
    const contents = ['a', 'b', 'c'].map((letter) => letter.repeat(3_000_000));
    await Promise.all(contents.map((content) => thisMachine().put({content}, join(folder, 'there'))));
    assert.ok(contents.includes(readFileSync(join(folder, 'there'), 'utf8')));
    assert.deepEqual(namesIn(folder), ['there']);
  });
});

/** A tar that answers with an archive of an attacker, whatever it is asked to pack. */
const EVIL_TAR = `
mkdir source outside bin a b b/link; echo mine >outside/kept; echo evil >b/link/kept; echo evil >b/link/new
ln -s ../../../outside a/link; ln -s "$PWD/outside" a/abs
tar -C a -cf evil.tar link abs
tar -C b -rf evil.tar link/kept link/new
tar -C b -rf evil.tar --transform 's,^link,abs,' link/kept link/new
tar -C b -rPf evil.tar --transform 's,^link/new,../../escaped,' link/new
tar -C b -rPf evil.tar --transform "s,^link/new,$PWD/escaped," link/new
printf '#!/bin/sh\\nexec cat "%s/evil.tar"\\n' "$PWD" >bin/tar; chmod 755 bin/tar`;

function sourceIn(folder: string, kind: 'file' | 'folder'): string {
  inFolder(folder, kind === 'folder' ? 'mkdir source' : 'true');
  writeFileSync(join(folder, kind === 'folder' ? 'source/big' : 'source'), randomBytes(BYTES));
  return folder;
}

/** Kills the scripts at work in a folder, whose name is quoted in them but for its end. */
function killScripts(folder: string): void {
  for (const id of shellsWith(folder.slice(-6))) {
    try {
      process.kill(id, 'SIGKILL');
    } catch (error) {
      // A shell ends by itself when the one that it belongs to is killed.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

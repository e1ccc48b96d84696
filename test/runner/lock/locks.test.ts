import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {systemClock} from '../../../src/clock.ts';
import {InterruptedError} from '../../../src/errors.ts';
import {type LockOwner, lockPath} from '../../../src/runner/lock/lock-file.ts';
import {type LockPlace, Locks} from '../../../src/runner/lock/locks.ts';
import {processMark} from '../../../src/runner/lock/process-mark.ts';
import {ProgressModel} from '../../../src/runner/progress.ts';

const owner = {user: 'mo', host: 'laptop', pid: process.pid, runId: 'run-1', command: 'deploy'};

function open(context: TestContext, own: Partial<LockPlace> = {}) {
  const base = mkdtempSync(join(tmpdir(), 'ftask-locks-'));
  context.after(() => rmSync(base, {recursive: true, force: true}));
  const folder = own.folder ?? join(base, 'locks');
  const progress = new ProgressModel();
  const talk: string[] = [];
  progress.listen((event) => event.kind === 'talk' && talk.push(event.text));
  const {signal} = new AbortController();
  const place = {folder, owner, waitMs: 0, clock: systemClock, signal, progress, ...own};
  return {locks: new Locks(place), folder, talk};
}

/** A process that does nothing; ended with the test. */
function idle(context: TestContext): ChildProcess & {pid: number} {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], {stdio: 'ignore'});
  context.after(() => child.kill('SIGKILL'));
  return child as ChildProcess & {pid: number};
}

async function ownedBy(pid: number, own: Partial<LockOwner> = {}): Promise<LockOwner> {
  const mark = (await processMark(pid)) ?? '';
  return {...owner, pid, mark, since: '2026-11-21T07:50:12.000Z', command: 'deploy --to web1', ...own};
}

describe('locks', () => {
  test('are held until they are given back, in a folder for the user alone', async (context) => {
    const {locks, folder} = open(context);
    const release = await locks.take('deploy');
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const {mark, since, ...told} = JSON.parse(readFileSync(lockPath(folder, 'deploy'), 'utf8'));
    assert.deepEqual(told, owner);
    assert.equal(mark, await processMark(process.pid));
    assert.ok(Date.parse(since) <= Date.now());
    release();
    release();
    assert.deepEqual(readdirSync(folder), []);
  });

  test('refuse a second process and name the first', async (context) => {
    const {locks, folder} = open(context);
    await locks.take('other');
    const {pid} = idle(context);
    writeFileSync(lockPath(folder, 'deploy'), JSON.stringify(await ownedBy(pid)));
    await assert.rejects(locks.take('deploy'), {
      name: 'RefusedError',
      code: 'Locked',
      message: `deploy is running already: mo@laptop, process ${pid} since 2026-11-21 07:50:12 UTC, run run-1: ftask deploy --to web1`,
      hint: '--lock-wait 10m waits for it',
    });
  });

  test('are shared within a run, and given back by whoever took them first', async (context) => {
    const {locks, folder} = open(context);
    const first = await locks.take('deploy');
    const second = await locks.take('deploy');
    second();
    assert.equal(readdirSync(folder).length, 1);
    first();
    assert.equal(readdirSync(folder).length, 0);
  });

  test('of a process that was killed are taken over, and that is said', async (context) => {
    const {locks, folder, talk} = open(context);
    await locks.take('other');
    const child = idle(context);
    writeFileSync(lockPath(folder, 'deploy'), JSON.stringify(await ownedBy(child.pid)));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const release = await locks.take('deploy');
    assert.equal(JSON.parse(readFileSync(lockPath(folder, 'deploy'), 'utf8')).pid, process.pid);
    assert.match(
      talk.join(),
      /^the lock of deploy was left by mo@laptop, process \d+ .* is gone; taken over$/,
    );
    release();
  });

  test('are not kept by another process that got the same number', async (context) => {
    const {locks, folder} = open(context);
    await locks.take('other');
    const {pid} = idle(context);
    writeFileSync(lockPath(folder, 'deploy'), JSON.stringify(await ownedBy(pid, {mark: 'boot/1'})));
    (await locks.take('deploy'))();
    assert.equal(existsSync(lockPath(folder, 'deploy')), false);
  });

  test('of another machine are believed, and the hint says what to remove', async (context) => {
    const {locks, folder} = open(context);
    await locks.take('other');
    const path = lockPath(folder, 'deploy');
    writeFileSync(path, JSON.stringify(await ownedBy(1, {host: 'desktop', mark: 'x'})));
    await assert.rejects(locks.take('deploy'), (error: Error & {hint: string}) => error.hint.includes(path));
  });

  test('are waited for as long as it was asked for', async (context) => {
    const {locks: first, folder} = open(context);
    const {locks: second, talk} = open(context, {folder, waitMs: 60_000});
    const release = await first.take('deploy');
    const taken = second.take('deploy');
    await delay(100);
    release();
    await taken;
    assert.match(talk.join(), /^waiting for the lock of deploy, held by mo@laptop/);
    const {locks: third} = open(context, {folder, waitMs: 50});
    await assert.rejects(third.take('deploy'), {code: 'Locked'});
  });

  test('are no longer waited for after Ctrl-C', async (context) => {
    const {locks: first, folder} = open(context);
    await first.take('deploy');
    const controller = new AbortController();
    const {locks: second} = open(context, {folder, waitMs: 60_000, signal: controller.signal});
    const taken = second.take('deploy');
    controller.abort(new InterruptedError('SIGINT'));
    await assert.rejects(taken, InterruptedError);
  });

  test('let one of many in at a time', async (context) => {
    const {folder} = open(context);
    let inside = 0;
    await Promise.all(
      Array.from({length: 8}, async () => {
        const release = await open(context, {folder, waitMs: 60_000}).locks.take('deploy');
        inside += 1;
        assert.equal(inside, 1);
        await delay(5);
        inside -= 1;
        release();
      }),
    );
  });

  test('may have any name', async (context) => {
    const {locks, folder} = open(context);
    for (const name of ['../../etc/passwd', 'a b/ü', 'x'.repeat(1000), '..']) await locks.take(name);
    assert.equal(readdirSync(folder).length, 4);
  });

  test('say where they cannot be kept', async (context) => {
    const {locks} = open(context, {folder: '/dev/null/locks'});
    await assert.rejects(locks.take('deploy'), {
      code: 'LockFolder',
      message: 'cannot keep locks in /dev/null/locks: ENOTDIR',
    });
  });
});

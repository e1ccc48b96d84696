/** Whatever happens to ftask, to the way to the host, or to the processes there: the filesystem thaws, and nobody lies. */
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {FreezeFailed} from '../../../src/disk/freeze/freeze-failed.ts';
import {freeze} from '../../../src/disk/freeze/freezer.ts';
import {SudoRefused} from '../../../src/host/failures.ts';
import {failureOf} from '../../host/failure-of.ts';
import {atEnd} from '../../ssh/at-end.ts';
import {noSshd} from '../../ssh/sshd.ts';
import {noSudo} from '../../ssh/users.ts';
import {folder, localHost, noDevices, run} from '../devices.ts';
import {filesystem, isFrozen, thawAnyhow, untilThawed} from './disks.ts';
import {freezeProcesses, killEach, untilGone} from './freeze-processes.ts';
import {sshHosts} from './ssh-hosts.ts';

const LONG = {timeoutMs: 60_000, sync: false};
const SHORT = {timeoutMs: 2000, sync: false};

describe('a frozen filesystem thaws over SSH', {skip: noDevices || noSshd || noSudo}, async () => {
  const ssh = await sshHosts();
  const asking = await sshHosts('ALL=(ALL) ALL');
  const mountPoint = await filesystem();
  const mountPoints = [mountPoint];

  test('when we say so', async () => {
    const host = await ssh.host();
    const frozen = await freeze(host, {mountPoints, ...LONG});
    const processes = freezeProcesses(mountPoint);
    assert.equal(await isFrozen(mountPoint), true);
    const report = await frozen.thaw();
    assert.deepEqual([report.held, report.endedBy], [true, 'us']);
    assert.equal(await isFrozen(mountPoint), false);
    await untilGone(mountPoint, processes);
    await host.close();
  });

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGKILL'] as const) {
    test(`when any one of its processes gets ${signal}`, async () => {
      const host = await ssh.host();
      for (let index = 0; ; index += 1) {
        const frozen = await freeze(host, {mountPoints, ...SHORT});
        const processes = freezeProcesses(mountPoint).sort((a, b) => a.pid - b.pid);
        killEach(processes.slice(index, index + 1), signal);
        const wasFrozen = await isFrozen(mountPoint);
        const report = await frozen.thaw().catch(expected);
        await untilThawed(mountPoint);
        if (report && !wasFrozen) assert.equal(report.held, false);
        await untilGone(mountPoint, processes);
        if (index >= processes.length) break;
      }
      await host.close();
    });
  }

  test('when the connection is closed', async () => {
    const host = await ssh.host();
    const frozen = await freeze(host, {mountPoints, ...LONG});
    const processes = freezeProcesses(mountPoint);
    await host.close();
    await untilThawed(mountPoint);
    const error = await failureOf(frozen.thaw());
    assert.ok(error instanceof FreezeFailed);
    assert.equal(error.code, 'FreezeUntold');
    await untilGone(mountPoint, processes);
  });

  test('when the sessions of sshd are killed', async () => {
    const host = await ssh.host();
    const frozen = await freeze(host, {mountPoints, ...LONG});
    const processes = freezeProcesses(mountPoint);
    ssh.sshd.killSessions();
    await untilThawed(mountPoint);
    const error = await failureOf(frozen.thaw());
    assert.match(error.message, /^web1: it did not tell how long \S+ stayed frozen$/);
    await untilGone(mountPoint, processes);
  });

  test('by the time when the link is down', async () => {
    const {host, cut} = await ssh.hostBehindLink();
    const frozen = await freeze(host, {mountPoints, ...SHORT});
    const processes = freezeProcesses(mountPoint);
    cut();
    await untilThawed(mountPoint);
    const error = await failureOf(frozen.thaw());
    assert.ok(error instanceof FreezeFailed);
    assert.equal(error.code, 'FreezeUntold');
    await untilGone(mountPoint, processes);
    await host.close();
  });

  test('when the run is interrupted', async () => {
    const abort = new AbortController();
    const host = await ssh.host(abort.signal);
    const frozen = await freeze(host, {mountPoints, ...LONG});
    const processes = freezeProcesses(mountPoint);
    abort.abort();
    await untilThawed(mountPoint);
    assert.equal((await frozen.thaw()).held, false);
    await untilGone(mountPoint, processes);
    await host.close();
  });

  test('and is not frozen at all where sudo refuses', async () => {
    const error = await failureOf(freeze(await asking.host(), {mountPoints, ...LONG}));
    assert.ok(error instanceof SudoRefused, String(error));
    assert.equal(await isFrozen(mountPoint), false);
  });
});

describe('a frozen filesystem thaws', {skip: noDevices}, async () => {
  const host = localHost();
  const mountPoint = await filesystem();

  test('when ftask is killed', async () => {
    const ftask = await startController(mountPoint, LONG.timeoutMs);
    const processes = freezeProcesses(mountPoint);
    assert.equal(await isFrozen(mountPoint), true);
    ftask.kill('SIGKILL');
    await untilThawed(mountPoint);
    await untilGone(mountPoint, processes);
  });

  test('by the time when ftask is stopped, which it tells when it goes on', async () => {
    const ftask = await startController(mountPoint, SHORT.timeoutMs);
    const said = text(ftask.stdout ?? process.stdin);
    ftask.kill('SIGSTOP');
    await untilThawed(mountPoint);
    ftask.kill('SIGCONT');
    ftask.stdin?.end('\n');
    const report = JSON.parse(await said);
    assert.deepEqual([report.held, report.endedBy], [false, 'timeout']);
  });

  test('while another is still busy with its freeze, which ends when that can', async () => {
    const [slow, below] = await diskOnDisk();
    await run('fsfreeze', '--freeze', below);
    await run('sh', '-c', 'echo dirty >"$1"', 'sh', join(slow, 'dirty'));
    const mountPoints = [slow, mountPoint];
    const freezing = failureOf(freeze(host, {mountPoints, timeoutMs: 1000, sync: false}));
    while (!(await isFrozen(mountPoint))) await delay(20);
    const processes = freezeProcesses(slow);
    await untilThawed(mountPoint);
    assert.equal(await isFrozen(slow), true);
    await thawAnyhow(below);
    const error = await freezing;
    assert.match(
      error.message,
      /^localhost: not all was frozen: it took more than 1 s; all is thawed again$/,
    );
    await untilThawed(slow);
    await untilGone(slow, processes);
  });

  test('when it is called off before all was frozen', async () => {
    const [slow, below] = await diskOnDisk();
    await run('fsfreeze', '--freeze', below);
    await run('sh', '-c', 'echo dirty >"$1"', 'sh', join(slow, 'dirty'));
    const abort = new AbortController();
    const mountPoints = [slow, mountPoint];
    const freezing = failureOf(freeze(host, {mountPoints, ...LONG, signal: abort.signal}));
    while (!(await isFrozen(mountPoint))) await delay(20);
    abort.abort(new Error('called off'));
    await untilThawed(mountPoint);
    await thawAnyhow(below);
    assert.equal((await freezing).message, 'called off');
    await untilThawed(slow);
  });

  test('at whatever moment it is ended', async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      const abort = new AbortController();
      const request = {mountPoints: [mountPoint], ...SHORT, signal: abort.signal};
      const freezing = freeze(host, request).then((frozen) => frozen.thaw());
      await delay(Math.random() * 120);
      const processes = freezeProcesses(mountPoint);
      const chosen = processes[Math.floor(Math.random() * (processes.length + 1))];
      if (chosen) killEach([chosen], 'SIGKILL');
      else abort.abort();
      await freezing.catch(() => {});
      await untilThawed(mountPoint);
      await untilGone(mountPoint, processes);
    }
  });
});

/** What may come of a freeze whose processes are killed. */
function expected(error: unknown): undefined {
  assert.ok(error instanceof FreezeFailed, String(error));
  assert.equal(error.code, 'FreezeUntold');
}

async function startController(mountPoint: string, timeoutMs: number): Promise<ChildProcess> {
  const program = join(import.meta.dirname, 'controller.ts');
  const words = ['--import', 'tsx', program, mountPoint, String(timeoutMs)];
  const child = spawn(process.execPath, words, {stdio: ['pipe', 'pipe', 'inherit']});
  await once(child.stdout, 'readable');
  assert.equal(String(child.stdout.read()), 'frozen\n');
  return child;
}

/** A filesystem whose disk is a file of another filesystem: both mount points. */
async function diskOnDisk(): Promise<[string, string]> {
  const below = await filesystem('btrfs');
  // Who has made a mount namespace meanwhile, such as a lab, has the one above mounted, too: then this one is busy.
  atEnd(async () => void (await run('umount', '--lazy', below)));
  const above = join(await folder(), 'above');
  await mkdir(above);
  await run('truncate', '--size=32M', join(below, 'disk'));
  await run('mkfs.ext4', '-q', join(below, 'disk'));
  await run('mount', '-o', 'loop', join(below, 'disk'), above);
  return [above, below];
}

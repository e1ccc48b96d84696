/** The script of a freeze under every shell that may be `sh`, also while the disk of its root is frozen itself. */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {FreezeFailed} from '../../../src/disk/freeze/freeze-failed.ts';
import {freeze} from '../../../src/disk/freeze/freezer.ts';
import {failureOf} from '../../host/failure-of.ts';
import {noDevices, run} from '../devices.ts';
import {isFrozen, untilThawed} from './disks.ts';
import {freezeProcesses, guardOf, killEach, untilGone} from './freeze-processes.ts';
import {hostOnDisk, hostThatCannotThaw, lacks, UTIL_LINUX} from './root-disk.ts';

const KINDS = {dash: UTIL_LINUX, bash: UTIL_LINUX, busybox: []};
const ROOT = {mountPoints: ['/'], sync: true, timeoutMs: 60_000};

for (const [shell, programs] of Object.entries(KINDS)) {
  describe(`with ${shell} on a frozen root`, {skip: noDevices || lacks(shell)}, async () => {
    const {host, folder} = await hostOnDisk(shell, ...programs);

    test('a freeze ends by our word', async () => {
      const frozen = await freeze(host, ROOT);
      assert.equal(await isFrozen(folder), true);
      const processes = freezeProcesses(folder);
      const {ms, ...report} = await frozen.thaw();
      assert.equal(await isFrozen(folder), false);
      assert.deepEqual(report, {frozen: ['/'], notFrozen: [], held: true, endedBy: 'us'});
      assert.ok(ms > 0);
      await untilGone(folder, processes);
    });

    test('a freeze ends by the time', async () => {
      const frozen = await freeze(host, {...ROOT, timeoutMs: 1000});
      await untilThawed(folder);
      const report = await frozen.thaw();
      assert.deepEqual([report.held, report.endedBy, report.frozen], [false, 'timeout', ['/']]);
    });

    test('a freeze ends by the end of its input', async () => {
      const abort = new AbortController();
      const frozen = await freeze(host, {...ROOT, signal: abort.signal});
      abort.abort();
      await untilThawed(folder);
      const report = await frozen.thaw();
      assert.deepEqual([report.held, report.endedBy], [false, 'end of file']);
    });

    for (const name of ['TERM', 'HUP', 'INT', 'KILL'] as const) {
      test(`a freeze ends by SIG${name} to its command`, async () => {
        const frozen = await freeze(host, ROOT);
        const guard = guardOf(folder);
        const processes = freezeProcesses(folder);
        const command = processes.filter(({session}) => session !== guard[0]?.session);
        killEach(command, `SIG${name}`);
        await untilThawed(folder);
        const report = await frozen.thaw().catch((error: unknown) => error);
        // The last of them that is killed may have told it all.
        if (report instanceof FreezeFailed) assert.deepEqual([name, report.code], ['KILL', 'FreezeUntold']);
        else if (name === 'KILL') assert.equal(Object(report).held, false);
        else assert.deepEqual(report, {...Object(report), held: false, endedBy: 'signal'});
        await untilGone(folder, processes);
      });
    }

    test('a freeze ends when its guard is killed', async () => {
      const frozen = await freeze(host, ROOT);
      killEach(guardOf(folder), 'SIGKILL');
      await untilThawed(folder);
      const report = await frozen.thaw();
      assert.equal(report.held, false);
    });

    test('a freeze ends when its timer is killed', async () => {
      const frozen = await freeze(host, ROOT);
      killEach(
        guardOf(folder).filter(({words}) => words.includes('sleep')),
        'SIGKILL',
      );
      await untilThawed(folder);
      const report = await frozen.thaw();
      assert.equal(report.held, false);
    });
  });
}

test('the length is told where /proc/timer_list is hidden', {skip: noDevices}, async () => {
  const {host, folder} = await hostOnDisk('dash', ...UTIL_LINUX);
  await run('mount', '--bind', '/dev/null', join(folder, 'proc/timer_list'));
  const frozen = await freeze(host, ROOT);
  await delay(20);
  const {ms} = await frozen.thaw();
  assert.ok(ms > 0 && ms % 10 === 0, String(ms));
});

test('a host without fsfreeze freezes nothing, and says so', {skip: noDevices}, async () => {
  const {host} = await hostOnDisk('dash', 'setsid', 'sleep');
  const error = await failureOf(freeze(host, ROOT));
  assert.ok(error instanceof FreezeFailed);
  assert.deepEqual([error.code, error.message], ['FsfreezeMissing', 'chroot: there is no fsfreeze']);
});

test('a filesystem that does not thaw is named, and thaws when it can', {skip: noDevices}, async () => {
  const {host, folder, repair} = await hostThatCannotThaw();
  const frozen = await freeze(host, ROOT);
  const error = await failureOf(frozen.thaw());
  assert.ok(error instanceof FreezeFailed);
  assert.equal(error.code, 'StillFrozen');
  assert.equal(error.message, 'chroot: it cannot thaw /, and tries on for a minute');
  assert.equal(await isFrozen(folder), true);
  await repair();
  await untilThawed(folder);
});

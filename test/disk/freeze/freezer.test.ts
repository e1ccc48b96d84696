/** What is frozen, what is not, and what is told of it, on real filesystems. */
import assert from 'node:assert/strict';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {freeze} from '../../../src/disk/freeze/freezer.ts';
import {syncOnly} from '../../../src/disk/freeze/sync-only.ts';
import {sh} from '../../../src/host/command.ts';
import {failureOf} from '../../host/failure-of.ts';
import {copyOf, folder, localHost, loopDevice, mounted, noDevices, run} from '../devices.ts';
import {filesystem, isFrozen, thawAnyhow} from './disks.ts';
import {freezeProcesses, untilGone} from './freeze-processes.ts';

const TERMS = {timeoutMs: 60_000, sync: true};

describe('a freeze', {skip: noDevices}, () => {
  const host = localHost();

  test('holds every filesystem, whatever its type, until the thaw', async () => {
    const mountPoints = [await filesystem('ext4'), await filesystem('xfs'), await filesystem('btrfs')];
    const frozen = await freeze(host, {mountPoints, ...TERMS});
    for (const mountPoint of mountPoints) assert.equal(await isFrozen(mountPoint), true);
    const {ms, ...report} = await frozen.thaw();
    for (const mountPoint of mountPoints) assert.equal(await isFrozen(mountPoint), false);
    assert.deepEqual(report, {frozen: mountPoints, notFrozen: [], held: true, endedBy: 'us'});
    assert.ok(ms > 0);
    assert.deepEqual(await frozen.thaw(), {ms, ...report});
  });

  test('leaves no process behind', async () => {
    const mountPoint = await filesystem();
    const frozen = await freeze(host, {mountPoints: [mountPoint], ...TERMS});
    const processes = freezeProcesses(mountPoint);
    assert.ok(processes.some(({words}) => words[0] === 'sleep'));
    await frozen.thaw();
    await untilGone(mountPoint, processes);
  });

  test('leaves a filesystem on the disk that needs no recovery', async () => {
    const device = await loopDevice(32);
    await run('mkfs.ext4', '-q', device);
    const mountPoint = await mounted(device);
    const features = async () => run('dumpe2fs', '-h', await copyOf(device, 32));
    await isFrozen(mountPoint); // It writes.
    assert.match(await features(), /needs_recovery/);
    const frozen = await freeze(host, {mountPoints: [mountPoint], ...TERMS, sync: false});
    const held = await features();
    await frozen.thaw();
    assert.doesNotMatch(held, /needs_recovery/);
  });

  test('takes one filesystem at two mount points as one', async () => {
    const first = await filesystem();
    const second = join(await folder(), 'second');
    await mkdir(second);
    await run('mount', '--bind', first, second);
    const frozen = await freeze(host, {mountPoints: [first, second], ...TERMS});
    const {held, frozen: both, notFrozen} = await frozen.thaw();
    assert.deepEqual([held, both, notFrozen], [true, [first, second], []]);
  });

  test('takes subvolumes as the one filesystem that they are of', async () => {
    const whole = await filesystem('btrfs');
    const part = join(await folder(), 'part');
    await mkdir(part);
    await run('btrfs', 'subvolume', 'create', join(whole, 'part'));
    const device = await run('findmnt', '--noheadings', '--output', 'SOURCE', whole);
    await run('mount', '-o', 'subvol=part', device, part);
    const frozen = await freeze(host, {mountPoints: [part, whole], ...TERMS});
    const {held, frozen: both, notFrozen} = await frozen.thaw();
    assert.deepEqual([held, both, notFrozen], [true, [part, whole], []]);
  });

  test('freezes what is mounted below first', async () => {
    const outer = await filesystem();
    const inner = join(outer, 'inner');
    await mkdir(inner);
    const device = await loopDevice(32);
    await run('mkfs.ext4', '-q', device);
    await run('mount', device, inner);
    const frozen = await freeze(host, {mountPoints: [outer, inner], ...TERMS});
    assert.deepEqual([await isFrozen(outer), await isFrozen(inner)], [true, true]);
    assert.equal((await frozen.thaw()).held, true);
    await run('umount', inner);
  });

  test('takes any name of a mount point', async () => {
    const mountPoint = join(await folder(), 'a "b" \'c\'\t\\040 #$HOME*é\n');
    await mkdir(mountPoint);
    await run('mount', '--bind', await filesystem(), mountPoint);
    const frozen = await freeze(host, {mountPoints: [mountPoint], ...TERMS});
    assert.deepEqual((await frozen.thaw()).frozen, [mountPoint]);
  });

  test('tells what cannot be frozen, and holds the others', async () => {
    const [good, memory] = [await filesystem(), join(await folder(), 'memory')];
    await mkdir(memory);
    await run('mount', '-t', 'tmpfs', 'tmpfs', memory);
    const plain = await folder();
    const mountPoints = [plain, memory, good, '/no/such/folder'];
    const frozen = await freeze(host, {mountPoints, ...TERMS});
    assert.equal(await isFrozen(good), true);
    const notFrozen = [
      {mountPoint: plain, why: 'nothing is mounted there'},
      {mountPoint: memory, why: 'a filesystem of its type cannot be frozen'},
      {mountPoint: '/no/such/folder', why: 'it cannot be entered'},
    ];
    assert.deepEqual(frozen.notFrozen, notFrozen);
    const report = await frozen.thaw();
    assert.deepEqual([report.held, report.frozen, report.notFrozen], [true, [good], notFrozen]);
  });

  test('leaves frozen what somebody else has frozen', async () => {
    const [theirs, ours] = [await filesystem(), await filesystem()];
    await run('fsfreeze', '--freeze', theirs);
    const frozen = await freeze(host, {mountPoints: [theirs, ours], ...TERMS, sync: false});
    const report = await frozen.thaw();
    assert.deepEqual(report.notFrozen, [{mountPoint: theirs, why: 'somebody else has frozen it'}]);
    assert.deepEqual([await isFrozen(theirs), await isFrozen(ours)], [true, false]);
    await thawAnyhow(theirs);
  });

  test('does not claim to have held what somebody else thawed', async () => {
    const mountPoints = [await filesystem(), await filesystem()];
    const frozen = await freeze(host, {mountPoints, ...TERMS});
    await thawAnyhow(mountPoints[0] ?? '');
    const report = await frozen.thaw();
    assert.deepEqual([report.held, report.endedBy, report.frozen], [false, 'us', mountPoints]);
  });

  test('goes on where a disk has vanished', async () => {
    const [gone, good] = [await loopDevice(32), await filesystem()];
    await run('mkfs.ext4', '-q', gone);
    const mountPoint = await mounted(gone);
    await isFrozen(mountPoint); // It writes.
    const blocks = await run('losetup', '--noheadings', '--output', 'BACK-FILE', gone);
    await run('truncate', '--size=0', blocks);
    await run('losetup', '--set-capacity', gone);
    const frozen = await freeze(host, {mountPoints: [mountPoint, good], ...TERMS});
    assert.equal(await isFrozen(good), true);
    const report = await frozen.thaw();
    assert.deepEqual(report.frozen, [good]);
    assert.deepEqual(report.notFrozen, [{mountPoint, why: 'Input/output error'}]);
  });

  test('may be of nothing at all', async () => {
    const frozen = await freeze(host, {mountPoints: [], ...TERMS});
    const report = {frozen: [], notFrozen: [], held: true, endedBy: 'us', ms: 0};
    assert.deepEqual(await frozen.thaw(), report);
  });
});

test('filesystems are flushed without being frozen', {skip: noDevices}, async () => {
  const device = await loopDevice(32);
  await run('mkfs.ext4', '-q', device);
  const mountPoint = await mounted(device);
  await localHost().run(sh`echo flushed >${mountPoint}/file`);
  await syncOnly(localHost(), [mountPoint, '/proc']);
  const copy = await mounted(await copyOf(device, 32));
  assert.equal(await run('cat', join(copy, 'file')), 'flushed');
  const error = await failureOf(syncOnly(localHost(), [mountPoint, '/no/such/folder']));
  assert.match(error.message, /^localhost: sync -f \S+ \/no\/such\/folder: exit code 1\n.*No such file/);
});

/** Encrypted devices are opened by their key alone, which shows nowhere. On a virtual machine: its kernel has dm-crypt. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {isLuks} from '../../src/disk/filesystem/content.ts';
import {DeviceNotEmpty} from '../../src/disk/filesystem/empty-device.ts';
import {makeFilesystem} from '../../src/disk/filesystem/make.ts';
import {closeLuks, LuksBusy, LuksKeyRefused, openLuks} from '../../src/disk/luks.ts';
import {mount} from '../../src/disk/mount/mount.ts';
import {UsageError} from '../../src/errors.ts';
import {argv, sh} from '../../src/host/command.ts';
import type {Host} from '../../src/host/host.ts';
import {UndoStack} from '../../src/runner/undo.ts';
import {Secret} from '../../src/secret.ts';
import {failureOf} from '../host/failure-of.ts';
import {noMachine, startMachine} from './virtual-machine/virtual-machine.ts';

const KEY = 'quite a secret: "$HOME" \\ é\n';
const [DEVICE, SLOW, EMPTY] = ['/dev/nvme0n1', '/dev/nvme1n1', '/dev/nvme2n1'];

describe('LUKS', {skip: noMachine}, () => {
  let host: Host;
  /** With a connection of its own: a dropbear is sent one command at a time. */
  let observer: Host;
  const key = new Secret(KEY);
  before(async () => {
    const machine = await startMachine(['vol01', 'vol02', 'vol03'], 32);
    [host, observer] = [machine.host(), machine.host()];
    await format(host, DEVICE, 1000);
    await format(host, SLOW, 30_000);
  });
  const named = async () =>
    (await host.run(sh`ls /dev/mapper`)).stdout.split('\n').filter((name) => name && name !== 'control');

  test('is seen, never taken for empty, and not mounted as it is', async () => {
    assert.deepEqual([await isLuks(host, DEVICE), await isLuks(host, EMPTY)], [true, false]);
    const error = await failureOf(makeFilesystem(host, DEVICE, {type: 'ext4'}));
    assert.ok(error instanceof DeviceNotEmpty);
    assert.match(error.message, /it holds crypto_LUKS$/);
    const mounting = await failureOf(mount(host, DEVICE, '/mnt/x', {undo: new UndoStack()}));
    assert.equal(mounting.message, `machine: ${DEVICE} is encrypted by LUKS`);
  });

  test('opens with its key to the last byte, and is closed on the way back', async () => {
    const undo = new UndoStack();
    await openLuks(host, DEVICE, 'plain', {key, undo});
    await host.run(argv('mkfs.ext4', '-q', '-L', 'inside', '/dev/mapper/plain'), {sudo: true});
    await mount(host, '/dev/mapper/plain', '/mnt/plain', {undo});
    const {stdout} = await host.run(sh`findmnt -no SOURCE,LABEL /mnt/plain`);
    assert.match(stdout, /^\/dev\/mapper\/plain +inside\n$/);
    assert.deepEqual(await undo.unwind(), []);
    assert.deepEqual(await named(), []);
  });

  test('does not open with another key, nor with a part of its own', async () => {
    for (const wrong of ['another', KEY.trimEnd(), `${KEY}\n`]) {
      const undo = new UndoStack();
      const error = await failureOf(openLuks(host, DEVICE, 'plain', {key: new Secret(wrong), undo}));
      assert.ok(error instanceof LuksKeyRefused, String(error));
      assert.equal(error.message, `machine: the key does not open ${DEVICE}`);
      assert.deepEqual(await undo.unwind(), []);
    }
    assert.deepEqual(await named(), []);
  });

  test('is opened without the key in any command line or environment', async () => {
    // The patterns do not fit themselves.
    const watch = sh`until [ -e /tmp/opened ]; do
grep -lsq '^[c]ryptsetup' /proc/[0-9]*/cmdline && seen=1
grep -ls '[q]uite a secret' /proc/[0-9]*/cmdline /proc/[0-9]*/environ
done
echo "seen: $seen"`;
    const watched = observer.run(watch, {sudo: true});
    const undo = new UndoStack();
    await openLuks(host, SLOW, 'plain', {key, undo}).finally(() => host.run(sh`touch /tmp/opened`));
    assert.equal((await watched).stdout, 'seen: 1\n');
    assert.deepEqual(await undo.unwind(), []);
  });

  test('opens for reading alone when asked to', async () => {
    const undo = new UndoStack();
    await openLuks(host, DEVICE, 'plain', {key, readOnly: true, undo});
    const {stderr} = await host.run(sh`dd if=/dev/zero of=/dev/mapper/plain count=1`, {accept: [1]});
    assert.match(stderr, /not permitted/);
    assert.deepEqual(await undo.unwind(), []);
  });

  test('leaves alone a device that has the name already', async () => {
    const [undo, late] = [new UndoStack(), new UndoStack()];
    await openLuks(host, DEVICE, 'plain', {key, undo});
    const error = await failureOf(openLuks(host, DEVICE, 'plain', {key, undo: late}));
    assert.ok(error instanceof LuksBusy);
    assert.equal(error.message, 'machine: there is a device plain already');
    const twice = await failureOf(openLuks(host, DEVICE, 'second', {key, undo: late}));
    assert.ok(twice instanceof LuksBusy);
    assert.deepEqual(await late.unwind(), []);
    assert.deepEqual(await named(), ['plain']);
    assert.deepEqual(await undo.unwind(), []);
  });

  test('stays open while it is mounted, and says where', async () => {
    const undo = new UndoStack();
    await openLuks(host, DEVICE, 'plain', {key, undo});
    const mounted = await mount(host, '/dev/mapper/plain', '/mnt/busy', {undo});
    const error = await failureOf(closeLuks(host, 'plain'));
    assert.ok(error instanceof LuksBusy);
    assert.equal(error.message, 'machine: plain cannot be closed: mounted at /mnt/busy');
    await mounted.run();
    await closeLuks(host, 'plain');
    await closeLuks(host, 'plain');
    assert.deepEqual(await undo.unwind(), []);
  });

  test('is not asked of what is none, nor under a name that no device can have', async () => {
    const undo = new UndoStack();
    const error = await failureOf(openLuks(host, EMPTY, 'plain', {key, undo}));
    assert.equal(error.message, `machine: ${EMPTY} is not encrypted by LUKS`);
    for (const name of ['', 'a/b', '-x', 'two words'])
      assert.ok((await failureOf(openLuks(host, DEVICE, name, {key, undo}))) instanceof UsageError);
    const noKey = await failureOf(openLuks(host, DEVICE, 'plain', {key: new Secret(''), undo}));
    assert.equal(noKey.message, `the key of ${DEVICE} is empty`);
  });
});

/** The rounds say how long it takes to open. */
async function format(host: Host, device: string, rounds: number): Promise<void> {
  const words = ['--key-file', '-', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', String(rounds)];
  const command = argv('cryptsetup', 'luksFormat', '--batch-mode', ...words, device);
  await host.run(command, {stdin: new Secret(KEY), sudo: true});
}

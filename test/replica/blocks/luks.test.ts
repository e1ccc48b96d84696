/** An encrypted volume is copied closed, and the copy opens with the same key: in a machine whose kernel has dm-crypt. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {openLuks} from '../../../src/disk/luks.ts';
import {mount} from '../../../src/disk/mount/mount.ts';
import {argv, sh} from '../../../src/host/command.ts';
import type {Host} from '../../../src/host/host.ts';
import {checkDevices} from '../../../src/replica/blocks/check-devices.ts';
import {copyDevice} from '../../../src/replica/blocks/copy-device.ts';
import {UndoStack} from '../../../src/runner/undo.ts';
import {Secret} from '../../../src/secret.ts';
import {makeKeyPair} from '../../../src/ssh/temporary/key-pair.ts';
import {localHost, noDevices, run} from '../../disk/devices.ts';
import {noMachine, startMachine} from '../../disk/virtual-machine/virtual-machine.ts';
import {failureOf} from '../../host/failure-of.ts';
import {bareContext} from '../../runner/run-context.ts';

const MIB = 48;
const [SOURCE, COPY] = ['/dev/nvme0n1', '/dev/nvme1n1'];
const key = new Secret('the key of the volume');

describe('a LUKS volume', {skip: noMachine || noDevices}, () => {
  let machine: Host;
  let disks: readonly string[];
  before(async () => {
    const started = await startMachine(['vol01', 'vol02'], MIB);
    [machine, disks] = [started.host(), started.disks];
    const words = ['--key-file', '-', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'];
    const format = argv('cryptsetup', 'luksFormat', '--batch-mode', '--type', 'luks2', ...words, SOURCE);
    await machine.run(format, {stdin: key, sudo: true});
    await opened(SOURCE, async () => {
      await machine.run(argv('mkfs.ext4', '-q', '/dev/mapper/opened'), {sudo: true});
    });
    await changed(sh`mkdir -p tree/below; seq 100000 >tree/numbers; ln tree/numbers tree/below/again
ln -s numbers tree/link; echo odd >"tree/ odd
name"; chmod 4751 tree/numbers; chown 1234:4321 tree/below
dd if=/dev/urandom of=tree/random bs=1M count=12; dd if=/dev/zero of=tree/sparse bs=1 count=1 seek=9999999`);
  });

  /** Does this while a device is open, and closes it. */
  const opened = async (device: string, work: (undo: UndoStack) => Promise<void>): Promise<void> => {
    const undo = new UndoStack();
    await openLuks(machine, device, 'opened', {key, undo});
    await work(undo).finally(async () => assert.deepEqual(await undo.unwind(), []));
  };
  const changed = (script: ReturnType<typeof sh>): Promise<void> =>
    opened(SOURCE, async (undo) => {
      await mount(machine, '/dev/mapper/opened', '/mnt/tree', {undo});
      await machine.run(script.with({cwd: '/mnt/tree', sudo: true}));
    });
  /** All of a tree: names, kinds, modes, owners, links, sizes, times and contents. */
  const treeOn = async (device: string): Promise<string> => {
    let tree = '';
    await opened(device, async (undo) => {
      await mount(machine, '/dev/mapper/opened', '/mnt/tree', {undo, readOnly: true});
      const look = sh`find . -exec stat -c '%n %F %a %u:%g %h %s %Y %i' '{}' +
find . -type l -exec readlink '{}' ';'; find . -type f -exec sha256sum '{}' +`;
      tree = (await machine.run(look.with({cwd: '/mnt/tree', sudo: true}))).stdout;
    });
    return tree;
  };
  const copied = async () => {
    const host = localHost();
    const [from = '', to = ''] = await Promise.all(disks.map((file) => run('losetup', '-f', '--show', file)));
    try {
      const ends = {source: {host, device: from}, target: {host, device: to}};
      const tools = {run: bareContext(), keyPair: makeKeyPair};
      return await copyDevice(tools, {...ends, way: 'through-controller', isOurs: false, say: () => {}});
    } finally {
      await run('losetup', '--detach', from, to);
      await machine.run(argv('blockdev', '--flushbufs', COPY), {sudo: true});
    }
  };

  test('is copied closed, opens with its key and holds the same tree', async () => {
    await copied();
    const tree = await treeOn(COPY);
    assert.match(tree, /tree\/below\/again regular file 4751 0:0 2 588895 /);
    assert.equal(tree, await treeOn(SOURCE));
  });

  test('is copied anew after a change at little cost', async () => {
    await changed(sh`echo more >>tree/numbers; rm tree/link; mkdir tree/new`);
    const {bytes, sentBytes} = await copied();
    assert.ok(sentBytes < bytes / 20, `${sentBytes} of ${bytes} bytes`);
    assert.equal(await treeOn(COPY), await treeOn(SOURCE));
  });

  test('is not copied while it is open', async () => {
    await opened(SOURCE, async () => {
      const ends = [SOURCE, COPY].map((device) => ({host: machine, device}));
      const [from, to] = ends as [(typeof ends)[0], (typeof ends)[0]];
      const error = await failureOf(checkDevices(from, to, {isOurs: false}));
      assert.equal(error.message, `machine: ${SOURCE} is in use: open as opened (crypt)`);
    });
  });
});

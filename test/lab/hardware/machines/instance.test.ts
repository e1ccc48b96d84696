/** Instances as those see them who log in. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import type {MachineSpec} from '../../../../src/lab/hardware/machines/machine-spec.ts';
import {noHardware} from '../lab-up.ts';
import {type Keeper, makeKey, openKeeper} from './keeper.ts';

describe('an instance', {skip: noHardware}, () => {
  let keeper: Keeper;
  let web: MachineSpec;
  before(async () => {
    keeper = await openKeeper();
    web = await keeper.spec({name: 'web 1'});
    await keeper.call('start', web);
  });

  test('lets admin in with the key pair, who may do all with sudo', async () => {
    assert.equal(await keeper.ssh(web, 'whoami; sudo -n whoami'), 'admin\nroot');
  });

  test('refuses root, and any other key', async () => {
    const identity = await makeKey(join(keeper.folder, 'other'));
    await assert.rejects(keeper.ssh(web, 'true', {user: 'root'}), /Permission denied \(publickey\)/);
    await assert.rejects(keeper.ssh(web, 'true', {identity}), /Permission denied \(publickey\)/);
  });

  test('has its name as host name, and knows it', async () => {
    assert.equal(await keeper.ssh(web, 'hostname; getent hosts web-1'), 'web-1\n127.0.1.1       web-1');
  });

  test('sees no process of the machine, and no address but its own', async () => {
    await assert.rejects(keeper.ssh(web, 'pgrep -x node'));
    assert.equal(await keeper.ssh(web, 'ps -o args= 1'), '/bin/bash /run/boot/init');
    assert.match(
      await keeper.ssh(web, 'ip -4 -o addr show scope global'),
      new RegExp(`^\\d+: eth0 +inet ${web.address}/32 .*$`),
    );
  });

  test('may write everywhere but to /usr', async () => {
    await keeper.ssh(web, 'sudo touch /etc/a /var/a /root/a /opt/a /tmp/a /run/a && touch ~/a');
    await assert.rejects(keeper.ssh(web, 'sudo touch /usr/a'), /Read-only file system/);
  });

  test('gives a terminal to who asks for one', async () => {
    assert.match(await keeper.ssh(web, 'script -qec tty /dev/null'), /^\/dev\/pts\/\d+/);
  });

  test('says which device its root is on by the name that it has there', async () => {
    assert.equal(await keeper.ssh(web, 'findmnt -no SOURCE /'), '/dev/nvme0n1');
  });

  test('leaves no zombies of what is orphaned', async () => {
    await keeper.ssh(web, 'for i in 1 2 3 4 5; do (setsid true & setsid sleep 0.1 &) ; done');
    await keeper.ssh(web, 'while pgrep -x sleep; do :; done; ! ps -e -o stat= | grep Z');
  });

  test('has sshd back after it was killed', async () => {
    await keeper.ssh(web, 'sudo pkill -9 sshd').catch(() => {});
    await eventually(() => keeper.ssh(web, 'true'));
    assert.equal(await keeper.call('isRunning', web.id), true);
  });

  test('is not started twice', async () => {
    await assert.rejects(keeper.call('start', web), new RegExp(`instance ${web.id} runs already`));
  });

  test('keeps its files and its host key when it is stopped and started again', async () => {
    const key = await keeper.call('hostKey', web.id);
    await keeper.ssh(web, 'echo here >~/kept');
    await keeper.call('stop', web.id);
    assert.equal(await keeper.call('isRunning', web.id), false);
    await keeper.call('start', web);
    assert.equal(await keeper.call('hostKey', web.id), key);
    assert.equal(await keeper.ssh(web, 'cat ~/kept'), 'here');
  });

  test('has another host key than its image had, when it is another instance', async () => {
    const key = await keeper.call('hostKey', web.id);
    await keeper.call('stop', web.id);
    const copy = {...web, id: 'i-copy'};
    await keeper.call('start', copy);
    assert.notEqual(await keeper.call('hostKey', 'i-copy'), key);
    await keeper.call('stop', 'i-copy');
  });

  test('runs the script of its user data as root, at the first boot alone', async () => {
    const app = await keeper.spec({userData: '#!/bin/sh\nid -un >>/root/ran\necho said\n'});
    await keeper.call('start', app);
    await eventually(() => keeper.ssh(app, 'grep said /var/log/cloud-init-output.log'));
    await keeper.call('stop', app.id);
    await keeper.call('start', app);
    assert.equal(await keeper.ssh(app, 'sudo cat /root/ran'), 'root');
    await keeper.call('stop', app.id);
  });

  test('has the host key that its user data gives it', async () => {
    const key = await makeKey(join(keeper.folder, 'host'));
    const secret = (await readFile(key, 'utf8')).replaceAll(/^/gm, '    ');
    const userData = `#cloud-config\nssh_keys:\n  ed25519_private: |\n${secret}\n`;
    const app = await keeper.spec({userData});
    await keeper.call('start', app);
    const [type, blob] = (await readFile(`${key}.pub`, 'utf8')).split(' ');
    assert.equal(await keeper.call('hostKey', app.id), `${type} ${blob}`);
    assert.equal(await keeper.ssh(app, 'true'), '');
    await keeper.call('stop', app.id);
  });

  test('lacks what an image is not sure to have, until cloud-init has installed it', async () => {
    const finished = 'while [ ! -e /var/lib/cloud/instance/boot-finished ]; do sleep 0.1; done; ';
    const look = (spec: MachineSpec, wait = '') =>
      keeper.ssh(spec, `${wait}rsync --version >/dev/null 2>&1 && echo rsync; command -v getfacl; true`);
    const app = await keeper.spec({userData: '#cloud-config\npackages: [rsync, nonsense]\n'});
    await keeper.call('start', app);
    assert.equal(await look(app), '');
    assert.equal(await look(app, finished), 'rsync');
    await keeper.call('stop', app.id);
    await keeper.call('start', app);
    assert.equal(await look(app), 'rsync');
    await keeper.call('stop', app.id);
  });

  test('has all that this machine has when nobody told it anything', async () => {
    const plain = await keeper.spec();
    await keeper.call('start', plain);
    assert.equal(await keeper.ssh(plain, 'command -v rsync getfacl'), '/usr/bin/rsync\n/usr/bin/getfacl');
    await keeper.call('stop', plain.id);
  });

  test('does not start from a disk without a system, and says so; nothing of it is left', async () => {
    const device = await keeper.call('emptyDisk');
    const disks = [{volumeId: 'vol-0empty', name: '/dev/sdz', device}];
    const spec = await keeper.spec({rootName: '/dev/sdz', disks});
    await assert.rejects(keeper.call('start', spec), /instance i-\d+ does not start: .*mount: .*nvme0n1/);
    assert.equal(await keeper.call('isRunning', spec.id), false);
    assert.doesNotMatch(
      execFileSync('ps', ['-e', '-o', 'args='], {encoding: 'utf8'}),
      new RegExp(`/${spec.id}\\b`),
    );
  });
});

/** Tries until it does. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() - start > 10_000) throw error;
    }
  }
}

/** The disks of instances, as those see them who log in. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import type {MachineDisk, MachineSpec} from '../../../../src/lab/hardware/machines/machine-spec.ts';
import {noHardware} from '../lab-up.ts';
import {type Keeper, openKeeper} from './keeper.ts';

const DATA = 'nvme-Amazon_Elastic_Block_Store_vol0data';

describe('the disks of an instance', {skip: noHardware}, () => {
  let keeper: Keeper;
  let data: MachineDisk;
  let db: MachineSpec;
  before(async () => {
    keeper = await openKeeper();
    data = {volumeId: 'vol-0data', name: '/dev/sdf', device: await keeper.call('dataDisk')};
    db = await keeper.spec({
      disks: [data],
      mounts: [{volumeId: 'vol-0data', mountPoint: '/srv/data', filesystem: 'ext4'}],
    });
    await keeper.call('start', db);
  });

  test('are all the block devices that it has, with numbers as on Nitro and links by id', async () => {
    assert.equal(await keeper.ssh(db, 'find /dev -type b | sort'), '/dev/nvme0n1\n/dev/nvme1n1');
    assert.equal(await keeper.ssh(db, `readlink -f /dev/disk/by-id/${DATA}`), '/dev/nvme1n1');
  });

  test('are mounted where it was told, after every start', async () => {
    assert.equal(await keeper.ssh(db, 'findmnt -no SOURCE /srv/data'), '/dev/nvme1n1');
    await keeper.ssh(db, 'echo here | sudo tee /srv/data/kept');
    await keeper.call('stop', db.id);
    await keeper.call('start', db);
    assert.equal(await keeper.ssh(db, 'cat /srv/data/kept'), 'here');
  });

  test('come while it runs, and can be used at once', async () => {
    const device = await keeper.call('dataDisk');
    await keeper.call('addDisk', db.id, {volumeId: 'vol-0more', name: '/dev/sdg', device});
    const link = '/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0more';
    await keeper.ssh(db, `sudo mount ${link} /mnt && sudo touch /mnt/a`);
    assert.equal(await keeper.ssh(db, 'findmnt -rno SOURCE,MAJ:MIN /mnt'), `/dev/nvme2n1 7:${device.minor}`);
  });

  test('go while it runs; a filesystem on them stays until it is unmounted', async () => {
    await keeper.call('removeDisk', db.id, 'vol-0more');
    await keeper.call('removeDisk', db.id, 'vol-0more');
    assert.equal(await keeper.ssh(db, 'find /dev -type b | sort'), '/dev/nvme0n1\n/dev/nvme1n1');
    assert.equal(await keeper.ssh(db, 'ls /dev/disk/by-id | grep -c more || :'), '0');
    assert.match(await keeper.ssh(db, 'ls /mnt'), /^a$/m);
    await keeper.ssh(db, 'sudo umount /mnt');
  });

  test('are called after what the API calls them on Xen', async () => {
    const disks = [{...data, volumeId: 'vol-0xen', device: await keeper.call('dataDisk')}];
    const xen = await keeper.spec({type: 't2.micro', disks});
    await keeper.call('start', xen);
    assert.equal(await keeper.ssh(xen, 'find /dev -type b | sort'), '/dev/xvda\n/dev/xvdf');
    assert.equal(await keeper.ssh(xen, 'findmnt -no SOURCE /; ls /dev/disk/by-id'), '/dev/xvda');
    await keeper.call('stop', xen.id);
  });

  test('that fstab names and that are not there do not keep it from starting', async () => {
    await keeper.ssh(db, 'echo "/dev/nvme9n1 /srv/lost ext4 nofail 0 2" | sudo tee -a /etc/fstab');
    await keeper.call('stop', db.id);
    await keeper.call('start', db);
    assert.equal(await keeper.ssh(db, 'findmnt -no SOURCE /srv/data'), '/dev/nvme1n1');
  });
});

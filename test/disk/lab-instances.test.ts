/** Volumes are found on the lab's instances, where lsblk knows disks by other names than /dev does, and shows others' too. */
import assert from 'node:assert/strict';
import {tmpdir} from 'node:os';
import {before, describe, test} from 'node:test';
import {EC2} from '@aws-sdk/client-ec2';
import {makeFilesystem} from '../../src/disk/filesystem/make.ts';
import {mount} from '../../src/disk/mount/mount.ts';
import {type AttachedVolume, volumeUses} from '../../src/disk/volume-device.ts';
import {sh} from '../../src/host/command.ts';
import {shellHost} from '../../src/host/exec/shell-host.ts';
import type {Host} from '../../src/host/host.ts';
import {UndoStack} from '../../src/runner/undo.ts';
import {openSsh} from '../../src/ssh/open-ssh.ts';
import {failureOf} from '../host/failure-of.ts';
import {labUp, noHardware} from '../lab/hardware/lab-up.ts';
import {QUICK} from '../lab/lab-client.ts';
import {atEnd} from '../ssh/at-end.ts';

const volumes = {
  '/dev/xvda': 2,
  '/dev/sdf': {size: 1, filesystem: 'ext4', mount: '/data'},
  '/dev/sdg': 1,
};
const FLEET = {
  ...QUICK,
  regions: {'eu-west-1': {instances: {nitro: {type: 't3.small', volumes}, xen: {type: 't2.small', volumes}}}},
};

describe('on an instance of the lab', {skip: noHardware}, () => {
  let hostOf: (name: string) => Promise<Host>;
  let attachedTo: (name: string) => Promise<AttachedVolume[]>;
  before(async () => {
    const lab = await labUp(FLEET);
    const ssh = openSsh({
      homeDir: tmpdir(),
      env: {},
      configFile: lab.sshConfig,
      acceptNewHostKeys: false,
      transport: 'ssh2',
      ask: () => Promise.reject(new Error('nobody is asked')),
      note: () => {},
    });
    atEnd(() => ssh.close());
    const {signal} = new AbortController();
    hostOf = async (name) => shellHost(name, await ssh.transport(name), {signal, timeoutMs: 60_000});
    const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
    const ec2 = new EC2({region: 'eu-west-1', endpoint: lab.url, credentials});
    atEnd(async () => ec2.destroy());
    attachedTo = async (name) => {
      const {Reservations = []} = await ec2.describeInstances({
        Filters: [{Name: 'tag:Name', Values: [name]}],
      });
      const [instance] = Reservations.flatMap(({Instances = []}) => Instances);
      return (instance?.BlockDeviceMappings ?? []).map(({DeviceName = '', Ebs}) => ({
        volumeId: Ebs?.VolumeId ?? '',
        device: DeviceName,
      }));
    };
  });

  for (const {name, nodes} of [
    {name: 'nitro', nodes: ['/dev/nvme0n1', '/dev/nvme1n1', '/dev/nvme2n1']},
    {name: 'xen', nodes: ['/dev/xvda', '/dev/xvdf', '/dev/xvdg']},
  ]) {
    test(`of ${name} each volume has the node and the mounts that are its own`, async () => {
      const uses = await volumeUses(await hostOf(name), await attachedTo(name));
      assert.deepEqual(
        uses.map(({device, mounts}) => [device, mounts]),
        [
          [nodes[0], [{mountPoint: '/', type: 'ext4', device: nodes[0], isRoot: true, readOnly: false}]],
          [nodes[1], [{mountPoint: '/data', type: 'ext4', device: nodes[1], isRoot: false, readOnly: false}]],
          [nodes[2], []],
        ],
      );
      assert.ok(uses.every(({unreachable}) => unreachable.length === 0));
    });

    test(`of ${name} a volume of another is missed, with the disks that are there`, async () => {
      const [other] = await attachedTo(name === 'xen' ? 'nitro' : 'xen');
      assert.ok(other);
      const missing = {...other, device: '/dev/sdp'};
      const error = await failureOf(volumeUses(await hostOf(name), [missing]));
      assert.equal(error.message, `${name}: volume ${missing.volumeId} (/dev/sdp) has no device there`);
      assert.equal(error.hint, `is it attached to this host? Its disks: ${nodes.join(', ')}`);
    });

    test(`of ${name} an empty volume is formatted, mounted, and unmounted again`, async () => {
      const [host, undo] = [await hostOf(name), new UndoStack()];
      const device = nodes[2] ?? '';
      await makeFilesystem(host, device, {type: 'ext4'});
      await mount(host, device, '/srv/new/place', {undo});
      const {stdout} = await host.run(sh`findmnt -no SOURCE /srv/new/place`);
      assert.equal(stdout, `${device}\n`);
      assert.deepEqual(await undo.unwind(), []);
      assert.equal((await host.run(sh`ls /srv`)).stdout, '');
    });
  }
});

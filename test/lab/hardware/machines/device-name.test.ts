/** How disks are called inside an instance. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {deviceName} from '../../../../src/lab/hardware/machines/device-name.ts';

const volume = {volumeId: 'vol-0abc', name: '/dev/sdf'};

describe('a disk', () => {
  test('of a Nitro type has the next number, whatever the API calls it, and a link with its id', () => {
    const root = deviceName('t3.micro', {volumeId: 'vol-0root', name: '/dev/xvda'}, []);
    assert.equal(root.node, 'nvme0n1');
    assert.deepEqual(deviceName('t3.micro', volume, [root]), {
      node: 'nvme1n1',
      link: 'disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0abc',
    });
  });

  test('takes the number that another has left', () => {
    const taken = [{node: 'nvme0n1'}, {node: 'nvme2n1'}];
    assert.equal(deviceName('m5.large', volume, taken).node, 'nvme1n1');
  });

  for (const [type, name, node] of [
    ['t2.micro', '/dev/sdf', 'xvdf'],
    ['t2.micro', '/dev/xvda', 'xvda'],
    ['m4.large', '/dev/sda1', 'xvda1'],
    ['i3.large', 'xvdba', 'xvdba'],
  ] as const) {
    test(`of the Xen type ${type} that the API calls ${name} is ${node}, without a link`, () => {
      assert.deepEqual(deviceName(type, {...volume, name}, []), {node});
    });
  }
});

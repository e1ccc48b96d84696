/** A device's name in the API becomes the names that kernels give. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {deviceNames} from '../../src/disk/device-names.ts';

for (const [name, expected] of [
  ['/dev/sdf', ['/dev/sdf', '/dev/xvdf']],
  ['/dev/xvdf', ['/dev/xvdf', '/dev/sdf']],
  ['xvdba', ['/dev/xvdba', '/dev/sdba']],
  ['/dev/sda1', ['/dev/sda1', '/dev/xvda1', '/dev/sda', '/dev/xvda']],
] as const) {
  test(`${name} may be found as ${expected.join(', ')}`, () => assert.deepEqual(deviceNames(name), expected));
}

/** The kernel's table of mounts is read as it is meant. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {isReachable, parseMountTable} from '../../../src/disk/survey/mount-table.ts';

describe('/proc/self/mountinfo', () => {
  test('is read with and without optional fields', () => {
    const text = [
      '36 35 98:0 /part /mnt/a\\040b rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue',
      '37 35 0:41 / /srv ro,relatime - btrfs /dev/sd\\134x ro,space_cache=v2',
      '',
    ].join('\n');
    assert.deepEqual(parseMountTable(text), [
      {
        id: 36,
        parentId: 35,
        number: '98:0',
        root: '/part',
        mountPoint: '/mnt/a b',
        type: 'ext3',
        source: '/dev/root',
        readOnly: false,
      },
      {
        id: 37,
        parentId: 35,
        number: '0:41',
        root: '/',
        mountPoint: '/srv',
        type: 'btrfs',
        source: '/dev/sd\\x',
        readOnly: true,
      },
    ]);
  });

  const table = [
    '1 1 0:1 / / rw - rootfs rootfs rw',
    '20 1 259:1 / / rw - ext4 /dev/root rw',
    '21 20 259:2 / /data rw - ext4 /dev/a rw',
    '22 21 259:3 / /data/log rw - ext4 /dev/b rw',
    '23 20 259:4 / /data2 rw - ext4 /dev/c rw',
  ];
  const reachable = (...more: string[]): number[] => {
    const mounts = parseMountTable([...table, ...more].join('\n'));
    return mounts.filter((mount) => isReachable(mount, mounts)).map(({id}) => id);
  };

  for (const {title, more, expected} of [
    {title: 'leads to each, but not to what the root lies upon', more: [], expected: [20, 21, 22, 23]},
    {
      title: 'does not lead to what another mount lies upon, nor to what is mounted in that',
      more: ['30 21 259:5 / /data rw - ext4 /dev/d rw'],
      expected: [20, 23, 30],
    },
    {
      title: 'does not lead below a folder that was mounted over later',
      more: ['30 20 259:5 / /srv/x rw - ext4 /dev/d rw', '31 20 259:6 / /srv rw - ext4 /dev/e rw'],
      expected: [20, 21, 22, 23, 31],
    },
  ]) {
    test(title, () => assert.deepEqual(reachable(...more), expected));
  }

  test('is understood where the first mount of all, its own parent, is the root', () => {
    const mounts = parseMountTable(
      ['1 1 0:1 / / rw - rootfs rootfs rw', '20 1 259:1 / /data rw - ext4 /dev/a rw'].join('\n'),
    );
    assert.deepEqual(
      mounts.map((mount) => isReachable(mount, mounts)),
      [true, true],
    );
  });

  test('is understood in a changed root whose own mount is not shown', () => {
    const mounts = parseMountTable(
      ['50 9 259:1 / /data rw - ext4 /dev/a rw', '51 9 259:2 / /data/b rw - ext4 /dev/b rw'].join('\n'),
    );
    assert.deepEqual(
      mounts.map((mount) => isReachable(mount, mounts)),
      [true, false],
    );
  });
});

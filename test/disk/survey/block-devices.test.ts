/** What lsblk says is understood whatever its version, or refused. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {parseLsblk, stackOf, UnreadableDevices} from '../../../src/disk/survey/block-devices.ts';

describe('the answer of lsblk', () => {
  test('of util-linux 2.30, with words for numbers, blanks and the old field, is understood', () => {
    const [disk] = parseLsblk(`{"blockdevices": [
      {"name": "nvme0n1", "kname": "nvme0n1", "maj:min": " 259:0  ", "type": "disk", "serial": "vol0abc ",
       "fstype": null, "mountpoint": null, "children": [
        {"name": "nvme0n1p1", "kname": "nvme0n1p1", "maj:min": "259:1", "type": "part", "serial": null,
         "fstype": "xfs", "mountpoint": "/"}]}]}`);
    assert.ok(disk);
    assert.deepEqual([disk.number, disk.serial, 'content' in disk], ['259:0', 'vol0abc', false]);
    assert.deepEqual(
      stackOf(disk).map(({name, content}) => [name, content]),
      [
        ['nvme0n1', undefined],
        ['nvme0n1p1', 'xfs'],
      ],
    );
  });

  test('names an array under each of its members, which counts once in a stack', () => {
    const md = {name: 'md0', kname: 'md0', 'maj:min': '9:0', type: 'raid1', children: []};
    const part = (minor: number) => ({name: `p${minor}`, 'maj:min': `8:${minor}`, children: [md]});
    const disk = {name: 'sda', 'maj:min': '8:0', children: [part(1), part(2)]};
    const [parsed] = parseLsblk(JSON.stringify({blockdevices: [disk]}));
    assert.ok(parsed);
    assert.deepEqual(
      stackOf(parsed).map(({name}) => name),
      ['sda', 'p1', 'md0', 'p2'],
    );
  });

  test('loses nothing to fields that are not known, nor to values of another kind', () => {
    const extra = fc.dictionary(
      fc.string().filter((key) => !KNOWN.has(key) && key !== '__proto__'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(tree, extra, fc.constantFrom(null, 7, '  '), (devices, more, odd) => {
        const dress = (device: Device): object => ({
          ...more,
          serial: odd,
          ...device,
          children: device.children.map(dress),
        });
        const parsed = parseLsblk(JSON.stringify({...more, blockdevices: devices.map(dress)}));
        assert.deepEqual(parsed.map(bare), devices);
      }),
    );
  });

  test('is refused, and never half understood, when it is none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          assert.ok(Array.isArray(parseLsblk(text)));
        } catch (error) {
          assert.ok(error instanceof UnreadableDevices);
        }
      }),
    );
    assert.throws(() => parseLsblk('{"blockdevices": [{"name": "sda"}]}'), UnreadableDevices);
    assert.throws(() => parseLsblk(''), UnreadableDevices);
  });
});

interface Device {
  readonly name: string;
  readonly 'maj:min': string;
  readonly children: readonly Device[];
}

const KNOWN = new Set(['blockdevices', 'name', 'kname', 'maj:min', 'type', 'serial', 'fstype', 'children']);

const {tree} = fc.letrec<{tree: readonly Device[]; device: Device}>((tie) => ({
  tree: fc.oneof({maxDepth: 3}, fc.constant([]), fc.array(tie('device'), {maxLength: 3})),
  device: fc.record(
    {
      name: fc.stringMatching(/^[a-z]{1,5}[0-9]?$/),
      'maj:min': fc.tuple(fc.nat(999), fc.nat(999)).map((pair) => pair.join(':')),
      children: tie('tree'),
    },
    {noNullPrototype: true},
  ),
}));

function bare({name, number, children}: ReturnType<typeof parseLsblk>[number]): Device {
  return {name, 'maj:min': number, children: children.map(bare)};
}

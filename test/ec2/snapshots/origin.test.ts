/** The identity of snapshots survives being written and read. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import type {InstanceId} from '../../../src/ec2/ids.ts';
import {
  originDescription,
  originTags,
  readOrigin,
  type SetOrigin,
} from '../../../src/ec2/snapshots/origin.ts';
import {checkTags, tagList} from '../../../src/ec2/tags.ts';

const hex = fc.string({unit: fc.constantFrom(...'0123456789abcdef'), minLength: 17, maxLength: 17});
const setOrigin: fc.Arbitrary<SetOrigin> = fc.record({
  instance: fc.record({
    id: hex.map((text) => `i-${text}` as InstanceId),
    state: fc.constant('running'),
    type: fc.constantFrom('t3.micro', 'u7inh-32tb.480xlarge'),
    architecture: fc.constantFrom('x86_64', 'arm64'),
    zone: fc.constant('eu-west-1a'),
    rootDevice: fc.constantFrom('/dev/sda1', '/dev/xvda'),
    tags: fc.constant({}),
    volumes: fc.constant([]),
  }),
  region: fc.constantFrom('eu-west-1', 'ap-southeast-2'),
  timeMs: fc.integer({min: 0, max: 4_000_000_000_000}),
  run: fc.constant('20261121T043012Z-7f3a9c'),
  set: hex.map((text) => `20261121T043012Z-7f3a9c/i-${text}`),
  consistency: fc.constantFrom('frozen', 'synced', 'crash'),
  volumes: fc
    .uniqueArray(hex, {minLength: 1, maxLength: 40})
    .map((ids) => ids.map((id, index) => ({id: `vol-${id}`, device: `/dev/sd${index}`}))),
});

describe('the origin of a snapshot', () => {
  test('is read back from the tags of its set, for each of its volumes', () => {
    fc.assert(
      fc.property(setOrigin, (origin) => {
        const Tags = tagList(originTags(origin));
        for (const volume of origin.volumes) {
          assert.deepEqual(readOrigin({VolumeId: volume.id, Tags}), {
            volume: volume.id,
            device: volume.device,
            instance: origin.instance.id,
            region: origin.region,
            timeMs: origin.timeMs,
            run: origin.run,
            set: origin.set,
            consistency: origin.consistency,
          });
        }
      }),
    );
  });

  test('never needs more tags than are kept free for it, nor one that AWS refuses', () => {
    fc.assert(fc.property(setOrigin, (origin) => assert.deepEqual(checkTags(originTags(origin), 12), [])));
  });

  test('has a description of at most 255 characters that says what django_fabfile reads', () => {
    fc.assert(
      fc.property(setOrigin, (origin) => {
        const text = originDescription(origin);
        assert.ok(text.length <= 255);
        const [only] = origin.volumes;
        const read = readOrigin({VolumeId: only?.id ?? '', Description: text});
        assert.equal(read.volume, only?.id);
        assert.equal(read.instance, origin.instance.id);
        assert.equal(read.timeMs, Math.floor(origin.timeMs / 1000) * 1000);
      }),
    );
  });

  test('is the volume that AWS names, unless it is a copy, where AWS names none', () => {
    const Tags = tagList({'ftask:volume': 'vol-planned', 'ftask:device': '/dev/sdf'});
    const other = readOrigin({VolumeId: 'vol-other', StartTime: new Date(0), Tags});
    assert.deepEqual(other, {volume: 'vol-other', timeMs: 0});
    for (const copy of [
      {VolumeId: 'vol-ffffffff', Tags},
      {VolumeId: 'vol-there', Tags: [...Tags, {Key: 'ftask:source-snapshot', Value: 'snap-1'}]},
    ]) {
      const {volume, device} = readOrigin(copy);
      assert.deepEqual([volume, device], ['vol-planned', '/dev/sdf']);
    }
  });

  test('is taken from a description that django_fabfile wrote, on a copy too', () => {
    const Description =
      '{"Volume": "vol-1a2b3c4d", "Region": "eu-west-1", "Device": "/dev/sda1", "Instance": "i-1a2b3c4d", ' +
      '"Type": "t1.micro", "Arch": "i386", "Root_dev_name": "/dev/sda1", "Time": "2012-03-04T05:06:07.890"}';
    assert.deepEqual(
      readOrigin({VolumeId: 'vol-ffffffff', StartTime: new Date('2012-04-01T00:00:00Z'), Description}),
      {
        volume: 'vol-1a2b3c4d',
        instance: 'i-1a2b3c4d',
        device: '/dev/sda1',
        region: 'eu-west-1',
        timeMs: Date.UTC(2012, 2, 4, 5, 6, 7, 890),
      },
    );
  });

  test('has its time in UTC, with a fraction or a zone or without, and in no other form', () => {
    const StartTime = new Date('2026-01-02T03:04:05Z');
    const read = (time: string) =>
      new Date(readOrigin({StartTime, Tags: [{Key: 'ftask:time', Value: time}]}).timeMs).toISOString();
    assert.equal(read('2012-03-04T05:06:07'), '2012-03-04T05:06:07.000Z');
    assert.equal(read('2012-03-04 05:06'), '2012-03-04T05:06:00.000Z');
    assert.equal(read('2012-03-04T05:06:07.890123'), '2012-03-04T05:06:07.890Z');
    assert.equal(read('2012-03-04T05:06:07+02:00'), '2012-03-04T03:06:07.000Z');
    assert.equal(read('2012-03-04T05:06:07-0500'), '2012-03-04T10:06:07.000Z');
    for (const text of ['nightly 5', 'backup-2012', '1', '-0500', '2012-13-04T05:06:07Z'])
      assert.equal(read(text), StartTime.toISOString(), text);
  });

  test('is of no volume on a copy that nobody says it of, whatever AWS gives', () => {
    const Tags = [{Key: 'ftask:source-snapshot', Value: 'snap-1'}];
    assert.equal(readOrigin({VolumeId: 'vol-arbitrary', Tags}).volume, 'vol-ffffffff');
    assert.equal(readOrigin({VolumeId: 'vol-ffffffff'}).volume, 'vol-ffffffff');
  });

  test('falls back to what AWS says when nobody wrote anything readable', () => {
    for (const Description of [undefined, '', 'nightly', '[1]', 'null', '{"Volume": 7, "Time": "soon"}']) {
      const StartTime = new Date('2026-01-02T03:04:05Z');
      const raw = {VolumeId: 'vol-1', StartTime, ...(Description === undefined ? {} : {Description})};
      assert.deepEqual(readOrigin(raw), {volume: 'vol-1', timeMs: StartTime.getTime()});
    }
  });
});

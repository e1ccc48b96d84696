/** What is ours, and of which lineage. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Region} from '../../../../src/ec2/ids.ts';
import type {OwnSnapshot} from '../../../../src/ec2/snapshots/own-snapshots.ts';
import {identify, lineageKey} from '../../../../src/snapshot/trim/gather/identify.ts';
import {EU, listed} from '../planned.ts';

const US = 'us-east-1' as Region;
const origin = {volume: 'vol-1', timeMs: 0};
const bare = {tags: {}, origin};

describe('a snapshot', () => {
  const others: readonly (readonly [string, Partial<OwnSnapshot>, RegExp])[] = [
    ['without tags and description', bare, /not made by ftask or django_fabfile/],
    ['with a time only', {tags: {'ftask:time': '2026-01-01T00:00:00Z'}}, /not made by ftask/],
    [
      'with a time that cannot be read',
      {tags: {...listed('s').tags, 'ftask:time': 'nightly 5'}},
      /not made by ftask/,
    ],
    [
      'of the Data Lifecycle Manager',
      {tags: {...listed('s').tags, 'aws:dlm:lifecycle-policy-id': 'p'}},
      /Manager/,
    ],
    ['of AWS Backup', {tags: {...listed('s').tags, 'aws:backup:source-resource': 'a'}}, /of AWS Backup/],
    [
      'of a run of ftask',
      {tags: {...listed('s').tags, 'ftask:temporary': 'r/00000000 until x'}},
      /temporary/,
    ],
    [
      'of a volume that nobody knows',
      {isCopy: true, origin: {...origin, volume: 'vol-ffffffff'}},
      /which volume/,
    ],
  ];
  for (const [what, own, reason] of others) {
    test(`${what} is none of ours`, () => {
      const identity = identify(listed('snap-1', own), EU);
      assert.ok('other' in identity);
      assert.match(identity.other, reason);
    });
  }

  const ours: readonly (readonly [string, Partial<OwnSnapshot>, string])[] = [
    ['with the tags of one volume', {}, 'vol-1 eu-west-1 original'],
    [
      'with the tags of a set',
      {tags: {'ftask:devices': 'vol-1=/dev/sdf vol-2=/dev/sdg', 'ftask:time': '2026-01-01T00:00:00Z'}},
      'vol-1 eu-west-1 original',
    ],
    [
      'with the description of django_fabfile',
      {tags: {}, hasFabfileDescription: true},
      'vol-1 eu-west-1 original',
    ],
    ['of data that was born elsewhere', {origin: {...origin, region: US}}, 'vol-1 us-east-1 replica'],
    ['that is a copy in the same region', {isCopy: true}, 'vol-1 eu-west-1 replica'],
  ];
  for (const [what, own, key] of ours) {
    test(`${what} is ours: ${key}`, () => {
      const identity = identify(listed('snap-1', own), EU);
      assert.ok('lineage' in identity);
      assert.equal(lineageKey(identity.lineage), key);
    });
  }

  test('with the configured tag is ours only where that is asked for, and never that of other tools', () => {
    const tag = {name: 'Earmarking', value: 'production'};
    const tags = {Earmarking: 'production'};
    assert.ok('other' in identify(listed('snap-1', {...bare, tags}), EU));
    assert.ok('lineage' in identify(listed('snap-1', {...bare, tags}), EU, tag));
    assert.ok('other' in identify(listed('snap-1', {...bare, tags: {Earmarking: 'staging'}}), EU, tag));
    assert.ok('other' in identify(listed('snap-1', {...bare, tags: {...tags, 'aws:dlm:x': ''}}), EU, tag));
  });
});

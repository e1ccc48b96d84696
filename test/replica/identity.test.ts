/** What a replica carries. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {MAX_TAGS} from '../../src/ec2/tags.ts';
import {replicaIdentity} from '../../src/replica/identity.ts';
import {FRANKFURT, fabfileText, listed, own, replicaOf} from './plan/snapshots.ts';

const RUN = '20261121T000000Z-abcdef';

describe('the identity of a replica', () => {
  test("is the source's, with the source itself and this run", () => {
    const source = own('snap-1', '2026-11-16T03:00:00.500Z', {
      description: 'nightly',
      tags: {
        Name: 'web',
        Empty: '',
        'ftask:run': 'other',
        'ftask:consistency': 'frozen',
        'ftask:device': '/dev/sdf',
      },
    });
    const {tags, description, dropped} = replicaIdentity(source, RUN);
    assert.deepEqual(tags, {
      Name: 'web',
      Empty: '',
      'ftask:consistency': 'frozen',
      'ftask:device': '/dev/sdf',
      'ftask:volume': 'vol-1',
      'ftask:region': 'eu-west-1',
      'ftask:time': '2026-11-16T03:00:00.500Z',
      'ftask:source-snapshot': 'snap-1',
      'ftask:run': RUN,
    });
    assert.equal(description, 'nightly');
    assert.deepEqual(dropped, []);
  });

  test("is without what holds of the source only, and without what is AWS's own", () => {
    const source = listed({
      id: 'snap-1',
      tags: {
        'ftask:time': '2026-11-16T03:00:00Z',
        'ftask:pin': 'keep',
        'ftask:temporary': 'run/00000000 until 2026-11-16T03:00:00Z',
        'ftask:devices': 'vol-1=/dev/sda1 vol-2=/dev/sdf',
        'aws:dlm:managed': 'true',
      },
    });
    const {tags} = replicaIdentity(source, RUN);
    assert.equal(tags['ftask:device'], '/dev/sda1');
    for (const key of ['ftask:pin', 'ftask:temporary', 'ftask:devices', 'aws:dlm:managed'])
      assert.ok(!(key in tags), key);
  });

  test('says that blocks are still to be compared, and never that those of the source were', () => {
    const source = own('snap-1', '2026-11-16T03:00:00Z', {tags: {'ftask:verify': '5%'}});
    assert.ok(!('ftask:verify' in replicaIdentity(source, RUN).tags));
    assert.equal(replicaIdentity(source, RUN, {compares: true}).tags['ftask:verify'], 'pending');
  });

  test("of a replica is the first one's, from where it was born", () => {
    const source = own('snap-1', '2026-11-16T03:00:00Z');
    const {tags} = replicaIdentity(replicaOf(source, 'snap-2', {region: FRANKFURT}), RUN);
    assert.equal(tags['ftask:region'], 'eu-west-1');
    assert.equal(tags['ftask:volume'], 'vol-1');
    assert.equal(tags['ftask:source-snapshot'], 'snap-2');
  });

  test("of one of django_fabfile's tells in tags what its description tells", () => {
    const source = listed({id: 'snap-1', description: fabfileText('2026-11-16T03:00:00', {volume: 'vol-7'})});
    const {tags, description} = replicaIdentity(source, RUN);
    assert.equal(description, source.description);
    assert.equal(tags['ftask:volume'], 'vol-7');
    assert.equal(tags['ftask:device'], '/dev/sda1');
    assert.equal(tags['ftask:time'], '2026-11-16T03:00:00.000Z');
  });

  test('of one that tells nothing is what AWS tells', () => {
    const source = listed({id: 'snap-1', volume: 'vol-3', startedAt: '2026-11-02T00:00:00Z'});
    const {tags} = replicaIdentity(source, RUN);
    assert.equal(tags['ftask:volume'], 'vol-3');
    assert.equal(tags['ftask:region'], 'eu-west-1');
    assert.equal(tags['ftask:time'], '2026-11-02T00:00:00.000Z');
  });

  test('fits into what AWS takes, whatever the source has, with the tag that it is chosen by', () => {
    const keys = fc.uniqueArray(fc.string({minLength: 1, maxLength: 12}), {maxLength: 60});
    fc.assert(
      fc.property(keys, (all) => {
        const others = Object.fromEntries(all.map((key) => [`k${key}`, 'value']));
        const source = own('snap-1', '2026-11-16T03:00:00Z', {tags: {...others, Earmarking: 'production'}});
        const {tags, dropped} = replicaIdentity(source, RUN, {always: ['Earmarking']});
        assert.ok(Object.keys(tags).length <= MAX_TAGS);
        assert.equal(tags['Earmarking'], 'production');
        assert.equal(tags['ftask:source-snapshot'], 'snap-1');
        for (const key of Object.keys(others)) assert.equal(key in tags, !dropped.includes(key), key);
      }),
    );
  });
});

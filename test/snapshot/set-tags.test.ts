/** Which tags a set of snapshots gets. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {setTags} from '../../src/snapshot/set-tags.ts';

const identity = {'ftask:run': 'r', 'ftask:set': 'r/i-1'};
const many = (prefix: string, count: number) =>
  Object.fromEntries(Array.from({length: count}, (_, i) => [`${prefix}${i}`, 'v']));

describe('the tags of a set', () => {
  test('go from volume to instance to operator to identity, the later ones winning', () => {
    const {tags, copyVolumeTags} = setTags({
      identity,
      extra: {team: 'ops', 'ftask:run': 'forged'},
      instance: {Name: 'web', team: 'dev', tier: 'front'},
      volumes: [{Name: 'disk', tier: 'data', backup: 'yes'}],
    });
    assert.deepEqual(tags, {...identity, Name: 'web', team: 'ops', tier: 'front', backup: 'yes'});
    assert.equal(copyVolumeTags, false);
  });

  test('leave those of volumes to AWS when no key is in both', () => {
    const volumes = [{mount: '/'}, {mount: '/var'}];
    const set = setTags({identity, extra: {}, instance: {Name: 'web'}, volumes});
    assert.deepEqual(set, {tags: {...identity, Name: 'web'}, copyVolumeTags: true, dropped: []});
  });

  test('hold what the volumes agree on when a key is in both, and name what is lost', () => {
    const volumes = [
      {Name: 'root', cost: '7', mount: '/'},
      {Name: 'data', cost: '7', mount: '/var'},
    ];
    const set = setTags({identity, extra: {}, instance: {Name: 'web'}, volumes});
    assert.deepEqual(set.tags, {...identity, Name: 'web', cost: '7'});
    assert.equal(set.copyVolumeTags, false);
    assert.deepEqual(set.dropped, ['mount']);
  });

  test('are 50 at most, always with identity and what the operator asked for', () => {
    const key = fc.constantFrom(...Object.keys(many('k', 80)));
    const tags = fc.dictionary(key, fc.constant('v'));
    const volumeTags = fc.dictionary(key, fc.constantFrom('v', ''));
    fc.assert(
      fc.property(tags, fc.array(volumeTags, {minLength: 1, maxLength: 4}), (instance, volumes) => {
        const extra = many('extra', 30);
        const set = setTags({identity, extra, instance, volumes});
        for (const volume of volumes) {
          const all = set.copyVolumeTags
            ? [...Object.keys(set.tags), ...Object.keys(volume)]
            : Object.keys(set.tags);
          assert.equal(new Set(all).size, all.length, 'no key twice');
          assert.ok(all.length <= 50);
        }
        for (const key of [...Object.keys(identity), ...Object.keys(extra)]) assert.ok(key in set.tags);
        for (const key of Object.keys(instance)) assert.ok(key in set.tags || set.dropped.includes(key));
      }),
    );
  });
});

/** AWS's rules for tags, checked before anything is asked. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {checkTags, inheritable, MAX_TAGS, tagList, tagsOf} from '../../src/ec2/tags.ts';

const many = (count: number) => Object.fromEntries(Array.from({length: count}, (_, i) => [`k${i}`, 'v']));

describe('tags', () => {
  const refused: [string, Record<string, string>, RegExp][] = [
    ['a key of AWS', {'aws:cloudformation:stack': 'x'}, /begin with aws:/],
    ['a key of AWS in capitals', {'AWS:x': 'x'}, /begin with aws:/],
    ['an empty key', {'': 'x'}, /without a key/],
    ['a key of 129 characters', {['k'.repeat(129)]: 'x'}, /over 128/],
    ['a value of 257 characters', {k: 'v'.repeat(257)}, /has 257 characters/],
    ['51 of them', many(51), /51 tags are more than the 50/],
  ];
  for (const [what, tags, message] of refused) {
    test(`refuse ${what}`, () => assert.match(checkTags(tags).join('\n'), message));
  }

  test('are fine up to the limits, counted in characters and not in bytes', () => {
    assert.deepEqual(checkTags({['ü'.repeat(128)]: '😀'.repeat(256)}), []);
    assert.deepEqual(checkTags(many(MAX_TAGS)), []);
  });

  test('are passed on without those of AWS and without empty ones', () => {
    assert.deepEqual(inheritable({Name: 'web', empty: '', 'aws:autoscaling:groupName': 'g'}), {Name: 'web'});
  });

  test('survive the form that EC2 wants', () => {
    const tags = {Name: 'web', Earmarking: 'production'};
    assert.deepEqual(tagsOf(tagList(tags)), tags);
  });
});

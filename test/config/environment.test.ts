import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {environmentLayer, variableName} from '../../src/config/environment.ts';
import {allKeys} from '../../src/config/key.ts';

describe('an FTASK_ variable', () => {
  for (const [variable, value, raw] of [
    ['FTASK_TAG_NAME', 'Backup', {tag: {name: 'Backup'}}],
    ['FTASK_TAG__NAME', 'Backup', {tag: {name: 'Backup'}}],
    ['ftask_tag_name', 'Backup', {tag: {name: 'Backup'}}],
    ['FTASK_TAG_VALUE', 'true', {tag: {value: 'true'}}],
    ['FTASK_AWS_PROFILE', '0123', {aws: {profile: '0123'}}],
    ['FTASK_AWS_CONCURRENCY', '7', {aws: {concurrency: 7}}],
    ['FTASK_AWS_REGIONS', '[eu-west-1, us-east-1]', {aws: {regions: ['eu-west-1', 'us-east-1']}}],
    ['FTASK_BACKUP_EXCLUDE_BOOT', 'true', {backup: {exclude_boot: true}}],
    ['FTASK_BACKUP_TAGS', '{Team: web}', {backup: {tags: {Team: 'web'}}}],
    ['FTASK_SNAPSHOT_TIMEOUT', '2h', {snapshot: {timeout: '2h'}}],
    ['FTASK_TAG_NAME', '', {}],
    ['OTHER_TAG_NAME', 'x', {}],
  ] as const) {
    test(`${variable}="${value}" is ${JSON.stringify(raw)}`, () => {
      const layer = environmentLayer({[variable]: value});
      assert.deepEqual(layer.raw, raw);
      assert.deepEqual(layer.problems, []);
    });
  }

  test('that sets a key which another one sets, too, is an error', () => {
    const {problems} = environmentLayer({FTASK_TAG_NAME: 'a', FTASK_TAG__NAME: 'b'});
    assert.deepEqual(
      problems.map(({place, text}) => `${place.text}: ${text}`),
      ['FTASK_TAG__NAME: sets tag.name, and so does FTASK_TAG_NAME; keep one'],
    );
  });

  test('exists for every key, no two keys with the same', () => {
    const names = allKeys().map(variableName);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.includes('FTASK_SNAPSHOT_POLL_INTERVAL'));
  });
});

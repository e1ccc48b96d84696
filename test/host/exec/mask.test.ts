/** Secrets in text for people. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {maskOf} from '../../../src/host/exec/mask.ts';

describe('a mask', () => {
  const secret = "päss'w/rd 1";
  const spellings = {
    plain: secret,
    'quoted for a shell': "'päss'\\''w/rd 1'",
    'URL-encoded': encodeURIComponent(secret),
    'in base64': Buffer.from(secret).toString('base64'),
    'in JSON': JSON.stringify(secret),
  };
  for (const [how, text] of Object.entries(spellings)) {
    test(`hides a secret ${how}`, () => {
      const masked = maskOf([secret])(`before ${text} after`);
      assert.match(masked, /^before .?\*{8}=*.? after$/);
    });
  }

  test('hides the lines of a long secret one by one', () => {
    const key = '-----BEGIN-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END-----\n';
    assert.equal(maskOf([key])('got MIIEvQIBADAN here'), 'got ******** here');
  });

  test('hides the longest of several first', () => {
    assert.equal(maskOf(['secret', 'secret-long'])('secret-long secret'), '******** ********');
  });

  test('hides nothing when there is no secret', () => {
    assert.equal(maskOf(['', '\n'.trim()])('plain'), 'plain');
  });
});

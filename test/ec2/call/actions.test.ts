/** Which calls leave something behind that a second call would double. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {isAwaited, isRepeatable} from '../../../src/ec2/call/actions.ts';

describe('a call whose answer was lost', () => {
  for (const action of ['CopySnapshot', 'CreateSnapshot', 'CreateSnapshots', 'ImportKeyPair']) {
    test(`is not made again if it is ${action}, which takes no client token`, () => {
      assert.deepEqual([isRepeatable(action, {}), isAwaited(action)], [false, true]);
    });
  }

  test('is made again if it has a client token, or makes nothing', () => {
    assert.ok(isRepeatable('CreateVolume', {ClientToken: 'once'}));
    assert.ok(isRepeatable('CreateTags', {}));
    assert.ok(isRepeatable('DeleteKeyPair', {}));
  });
});

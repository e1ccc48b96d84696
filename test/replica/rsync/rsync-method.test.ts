/** What is wrong is found before anything costs money. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {temporaryThings} from '../../../src/ec2/scratch/things.ts';
import {rsyncMethod} from '../../../src/replica/rsync/rsync-method.ts';
import {FROM, rsyncScene, TO} from './scene.ts';

describe('the method rsync', () => {
  test('makes nothing for a region whose key cannot be used', async (t) => {
    const scene = await rsyncScene(t);
    const method = rsyncMethod(scene.tools, {...scene.wish, kmsKeys: {[TO]: 'alias/nobody'}});
    for (const _ of [1, 2]) {
      await assert.rejects(method.make(scene.order), {
        code: 'UnusableKey',
        message: `${TO}: the KMS key alias/nobody does not exist`,
      });
    }
    for (const region of [FROM, TO]) assert.deepEqual(await temporaryThings({ec2: scene.ec2, region}), []);
    assert.deepEqual(scene.hosts, []);
  });
});

/** What is wrong is found before anything costs money. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {temporaryThings} from '../../../src/ec2/scratch/things.ts';
import {rsyncMethod} from '../../../src/replica/rsync/rsync-method.ts';
import {FROM, rsyncScene, TO} from './scene.ts';

describe('the method rsync', () => {
  test('refuses a region whose key cannot be used before it makes anything', async (t) => {
    const scene = await rsyncScene(t);
    const method = rsyncMethod(scene.tools, {...scene.wish, kmsKeys: {[TO]: 'alias/nobody'}});
    await assert.rejects(method.prepare(TO, scene.order.item.source), {
      code: 'UnusableKey',
      message: `${TO}: the KMS key alias/nobody does not exist`,
    });
    for (const region of [FROM, TO]) assert.deepEqual(await temporaryThings({ec2: scene.ec2, region}), []);
    assert.deepEqual(scene.hosts, []);
  });
});

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {ControlFolder} from '../../../src/ssh/openssh/control-folder.ts';

describe('the folder of control sockets', () => {
  test('gives each connection a socket of its own, also when many are asked for at once', async () => {
    const folder = new ControlFolder();
    const paths = await Promise.all(Array.from({length: 9}, () => folder.nextSocket()));
    await folder.remove();
    assert.equal(new Set(paths).size, 9);
  });
});

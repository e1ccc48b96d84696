/** What user data tells an instance. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {readUserData} from '../../../../src/lab/hardware/machines/user-data.ts';

describe('user data', () => {
  test('is a script when it begins with an interpreter', () => {
    assert.deepEqual(readUserData('#!/bin/sh\nid\n'), {script: '#!/bin/sh\nid\n'});
  });

  test('gives the host key as cloud-init takes it', () => {
    const userData =
      '#cloud-config\nssh_keys:\n  ed25519_private: |\n    BEGIN\n    END\n  ed25519_public: ssh-ed25519 A\n';
    assert.deepEqual(readUserData(userData), {hostKey: 'BEGIN\nEND\n'});
  });

  test('names the packages to install', () => {
    assert.deepEqual(readUserData('#cloud-config\npackages: [rsync, [held, 1.0]]\n'), {packages: ['rsync']});
  });

  for (const userData of [
    undefined,
    '',
    'ssh_keys: {ed25519_private: A}',
    '#cloud-config\nssh_keys: [',
    '#cloud-config\nssh_keys: {ed25519_private: 1}',
    '#cloud-config\nhostname: a',
    '#cloud-config-archive\nssh_keys: {ed25519_private: A}',
  ]) {
    test(`is nothing when it is ${JSON.stringify(userData)}`, () =>
      assert.deepEqual(readUserData(userData), {}));
  }
});

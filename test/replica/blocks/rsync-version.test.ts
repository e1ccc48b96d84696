import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {RefusedError} from '../../../src/errors.ts';
import {scriptedHost} from '../../../src/host/scripted.ts';
import {requireDeviceMode} from '../../../src/replica/blocks/rsync-version.ts';
import {failureOf} from '../../host/failure-of.ts';

describe('rsync on a host', () => {
  const hostWith = (said: string) => scriptedHost('web1', [[/rsync --version/, said]]);

  for (const version of ['3.2.4', 'v3.2.7', '3.10.0', '4.0.0']) {
    test(`copies devices when it is ${version}`, async () => {
      await requireDeviceMode(hostWith(`rsync  version ${version}  protocol version 31\nCopyright`));
    });
  }

  for (const [what, said, message] of [
    ['is too old', 'rsync  version 3.2.3  protocol version 31', 'web1: rsync 3.2.3 cannot copy devices'],
    ['is far too old', 'rsync  version 2.6.9  protocol version 29', 'web1: rsync 2.6.9 cannot copy devices'],
    ['is missing', '', 'web1: there is no rsync'],
  ] as const) {
    test(`is refused when it ${what}`, async () => {
      const error = await failureOf(requireDeviceMode(hostWith(said)));
      assert.ok(error instanceof RefusedError);
      assert.equal(error.message, message);
      assert.equal(error.hint, 'install rsync 3.2.4 or later on web1');
    });
  }
});

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {parseTarget} from '../../src/ssh/target.ts';

describe('a target', () => {
  for (const [name, expected] of [
    ['web1', {alias: 'web1'}],
    ['deploy@web1', {alias: 'web1', user: 'deploy'}],
    ['deploy@web1:2222', {alias: 'web1', user: 'deploy', port: 2222}],
    ['ssh://deploy@web1:2222', {alias: 'web1', user: 'deploy', port: 2222}],
    ['ssh://web1/', {alias: 'web1'}],
    ['[::1]:22', {alias: '::1', port: 22}],
    ['[fe80::1%eth0]', {alias: 'fe80::1%eth0'}],
    ['::1', {alias: '::1'}],
    ['me@corp@web1', {alias: 'web1', user: 'me@corp'}],
    ['DOMAIN\\me@web1', {alias: 'web1', user: 'DOMAIN\\me'}],
  ] as const) {
    test(`is taken apart: ${name}`, () => assert.deepEqual(parseTarget(name), {name, ...expected}));
  }

  for (const [name, why] of [
    ['', /"" is no host: the host is missing/],
    ['deploy@', /the host is missing/],
    ['@web1', /the user before the @ is missing/],
    ['-oProxyCommand=reboot', /cannot begin with a dash/],
    ['x@-oProxyCommand=reboot', /cannot begin with a dash/],
    ['-l@web1', /a user cannot begin with a dash/],
    ['web1;reboot', /characters that a shell reads/],
    ['$(reboot)', /characters that a shell reads/],
    ['a`b`@web1', /a user cannot hold characters that a shell reads/],
    ['me -x@web1', /a user cannot hold/],
    ['web 1', /white space or control characters/],
    ['web1\n', /white space or control characters/],
    ['a\u0007b@web1', /a user cannot hold control characters/],
    ['web1:', /"" is no port/],
    ['web1:ssh', /"ssh" is no port/],
    ['web1:0', /"0" is no port/],
    ['[::1]:70000', /"70000" is no port/],
  ] as const) {
    test(`is refused: ${JSON.stringify(name)}`, () =>
      assert.throws(() => parseTarget(name), {code: 'BadTarget', message: why}));
  }
});

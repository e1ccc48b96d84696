import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {UsageError} from '../../../src/errors.ts';
import {expandHosts} from '../../../src/host/selection/expand.ts';

describe('a list of hosts', () => {
  const cases: readonly [text: string, names: readonly string[]][] = [
    ['a,b,user@c:2222', ['a', 'b', 'user@c:2222']],
    [' a , b\tc\n', ['a', 'b', 'c']],
    ['web[1-3]', ['web1', 'web2', 'web3']],
    ['web[08-11]', ['web08', 'web09', 'web10', 'web11']],
    ['web[098-101]', ['web098', 'web099', 'web100', 'web101']],
    ['web[1-3,7, 9]', ['web1', 'web2', 'web3', 'web7', 'web9']],
    ['web[1-9/4]', ['web1', 'web5', 'web9']],
    ['r[1-2]n[1-2].eu', ['r1n1.eu', 'r1n2.eu', 'r2n1.eu', 'r2n2.eu']],
    ['deploy@web[1-2]:2222', ['deploy@web1:2222', 'deploy@web2:2222']],
    ['10.0.0.[7-8]', ['10.0.0.7', '10.0.0.8']],
    ['[::1]:22,root@[fe80::1%eth0],::1', ['[::1]:22', 'root@[fe80::1%eth0]', '::1']],
    ['b,a,b,web[1-2],web1', ['b', 'a', 'web1', 'web2']],
    ['', []],
  ];
  for (const [text, names] of cases) {
    test(`${JSON.stringify(text)} means ${names.length} hosts`, () => {
      assert.deepEqual(expandHosts(text), names);
    });
  }

  const wrong: readonly [text: string, message: RegExp][] = [
    ['web[3-1]', /web\[3-1\]: \[3-1\] ends before it starts/],
    ['web[a-c]', /\[a-c\] is no range of numbers/],
    ['web[]', /\[\] is no range/],
    ['web[1-010]', /has zeros at its end only/],
    ['web[1-9/0]', /has steps of 0/],
    ['web[1-3', /'web\[1-3' is no host/],
    ['web1]', /'web1\]' is no host/],
    ['web*', /web\*: a host's name has no "\*"/],
    ['a;rm', /has no ";"/],
    ['-oProxyCommand=x', /'-oProxyCommand=x' is no host/],
    ['root@-x', /'root@-x' is no host/],
    ['@', /'@' is no host/],
    ['@web', /'@web' is no host/],
    ['root@', /'root@' is no host/],
    ['root@:22', /'root@:22' is no host/],
    ['../etc', /has no "\/"/],
    ['web[1-100001]', /more than 100,000 hosts/],
    ['web[1-999999999999999]', /more than 100,000 hosts/],
    ['r[1-1000]n[1-1000]', /more than 100,000 hosts/],
    ['a[1-60000],b[1-60000]', /more than 100,000 hosts/],
    ['web[1-9999999999999999]', /is no range of numbers/],
  ];
  for (const [text, message] of wrong) {
    test(`${text} is refused`, () => {
      assert.throws(
        () => expandHosts(text),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }
});

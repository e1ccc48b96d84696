import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {UsageError} from '../../../src/errors.ts';
import {excludeHosts, namedHosts, roleHosts} from '../../../src/host/selection/select.ts';

const roles = {
  web: ['web1', 'web[2-4]'],
  db: ['db1,db2'],
  all: ['@web', '@db', 'bastion'],
  snake: ['@tail'],
  tail: ['@snake'],
  lost: ['@wbe'],
  empty: [],
};

function refused(run: () => unknown, message: RegExp, hint = /./): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, message);
    assert.match(error.hint ?? '', hint);
    return true;
  });
}

describe('roles', () => {
  test('are lists of hosts, and may name other roles', () => {
    assert.deepEqual(roleHosts(['db'], roles), ['db1', 'db2']);
    assert.deepEqual(roleHosts(['all'], roles), ['web1', 'web2', 'web3', 'web4', 'db1', 'db2', 'bastion']);
    assert.deepEqual(roleHosts(['db', 'db'], roles), ['db1', 'db2']);
  });

  test('that are not configured are refused with the nearest name', () => {
    refused(() => roleHosts(['bd'], roles), /^there is no role bd; did you mean db\?$/, /web, db, all/);
    refused(() => roleHosts(['lost'], roles), /^there is no role wbe \(named by lost\); did you mean web\?$/);
    refused(() => roleHosts(['web'], {}), /^there is no role web$/, /hosts\.roles/);
    refused(() => roleHosts(['toString'], roles), /^there is no role toString$/);
  });

  test('that name themselves or nobody are refused', () => {
    refused(() => roleHosts(['snake'], roles), /role snake names itself: snake -> tail -> snake/, /^$/);
    refused(() => roleHosts(['empty'], roles), /role empty has no hosts/, /^$/);
  });
});

describe('named hosts', () => {
  test('may be mixed with roles', () => {
    assert.deepEqual(namedHosts(['web1,@db', 'db2,x[1-2]'], roles), ['web1', 'db1', 'db2', 'x1', 'x2']);
  });
});

describe('exclusions', () => {
  const hosts = ['web1', 'web2', 'deploy@web10:2222', 'db1'];
  const cases: readonly [exclusions: readonly string[], left: readonly string[], idle: readonly string[]][] =
    [
      [[], hosts, []],
      [['web[1-2]'], ['deploy@web10:2222', 'db1'], []],
      [['web10'], ['web1', 'web2', 'db1'], []],
      [['web*'], ['db1'], []],
      [['web?'], ['deploy@web10:2222', 'db1'], []],
      [['*:2222,@db'], ['web1', 'web2'], []],
      [
        ['web9', 'wbe*', 'db1'],
        ['web1', 'web2', 'deploy@web10:2222'],
        ['web9', 'wbe*'],
      ],
      [['w.b1'], hosts, ['w.b1']],
      [['*'], [], []],
    ];
  for (const [exclusions, left, idle] of cases) {
    test(`${exclusions.join(' ') || 'none'} leave ${left.length} of ${hosts.length}`, () => {
      assert.deepEqual(excludeHosts(hosts, exclusions, roles), {hosts: left, idle});
    });
  }
});

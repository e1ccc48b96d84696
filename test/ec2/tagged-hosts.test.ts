import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {InstanceId, Region} from '../../src/ec2/ids.ts';
import {addressOf} from '../../src/ec2/tagged-hosts.ts';
import {UsageError} from '../../src/errors.ts';

describe('the address of an instance', () => {
  const bare = {id: 'i-0123' as InstanceId, region: 'eu-west-1' as Region};
  const inner = {...bare, name: 'web1', privateAddress: '10.0.0.1'};
  const open = {...inner, publicAddress: '198.51.100.1'};

  test('is the public one where there is one, else the private one', () => {
    assert.equal(addressOf(open, 'auto'), '198.51.100.1');
    assert.equal(addressOf(inner, 'auto'), '10.0.0.1');
  });

  test('is the one that the configuration asks for', () => {
    assert.equal(addressOf(open, 'public'), '198.51.100.1');
    assert.equal(addressOf(open, 'private'), '10.0.0.1');
    assert.equal(addressOf(open, 'name'), 'web1');
  });

  test('is never made up when it is not there', () => {
    const refused = (message: string) => (error: unknown) =>
      error instanceof UsageError && error.message === message;
    assert.throws(
      () => addressOf(inner, 'public'),
      refused('web1 (i-0123, eu-west-1) has no public address'),
    );
    assert.throws(() => addressOf(bare, 'name'), refused('i-0123 (eu-west-1) has no Name tag'));
    assert.throws(() => addressOf(bare, 'auto'), refused('i-0123 (eu-west-1) has no address'));
  });
});

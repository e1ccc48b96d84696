/** Where an instance is reached, and as whom. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {configSchema} from '../../src/config/schema.ts';
import type {InstanceId, Region} from '../../src/ec2/ids.ts';
import {instanceTarget} from '../../src/fleet/instance-target.ts';

const instance = {
  id: 'i-0123' as InstanceId,
  tags: {Name: 'db1', Role: 'database', 'a=b': 'c=d'},
  publicAddress: '198.51.100.1',
  privateAddress: '10.0.0.7',
};

function target(rules: readonly object[], region = 'eu-west-1', hosts: object = {}): string {
  return instanceTarget(instance, region as Region, configSchema.parse({consistency: {hosts: rules}, hosts}));
}

describe('where an instance is reached', () => {
  test('is as hosts.address says when no rule fits', () => {
    assert.equal(target([]), '198.51.100.1');
    assert.equal(target([{region: 'us', user: 'admin'}], 'eu-west-1', {address: 'private'}), '10.0.0.7');
  });

  test('is as the first rule that fits says', () => {
    const rules = [
      {tag: 'Role=web', user: 'www'},
      {tag: 'Role=database', user: 'admin', address: 'private', port: 2222},
      {},
    ];
    assert.equal(target(rules), 'admin@10.0.0.7:2222');
    assert.equal(target([{user: 'first'}, ...rules]), 'first@198.51.100.1');
  });

  test('goes by region and tag, both of them where both are given', () => {
    const rule = {region: 'eu', tag: 'Role=database', address: 'name'};
    assert.equal(target([rule], 'eu-north-1'), 'db1');
    assert.equal(target([rule], 'us-east-1'), '198.51.100.1');
    assert.equal(target([{...rule, tag: 'Role=web'}], 'eu-north-1'), '198.51.100.1');
  });

  test('cuts a tag at its first equals sign', () => {
    assert.equal(target([{tag: 'Role=database=x', user: 'no'}]), '198.51.100.1');
  });

  test('is an IPv6 address in brackets when a port follows', () => {
    const only6 = {...instance, publicAddress: '2001:db8::1'};
    const config = configSchema.parse({consistency: {hosts: [{port: 22}]}});
    assert.equal(instanceTarget(only6, 'eu-west-1' as Region, config), '[2001:db8::1]:22');
  });

  test('is refused when it has no such address', () => {
    const bare = {id: instance.id, tags: {}};
    const config = configSchema.parse({consistency: {hosts: [{address: 'name'}]}});
    assert.throws(() => instanceTarget(bare, 'eu-west-1' as Region, config), {
      name: 'UsageError',
      message: 'i-0123 (eu-west-1) has no Name tag',
    });
  });
});

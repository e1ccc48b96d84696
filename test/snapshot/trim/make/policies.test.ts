/** Options, then the tag of a lineage, then the configuration. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {RefusedError, UsageError} from '../../../../src/errors.ts';
import {policyText} from '../../../../src/retention/policy.ts';
import {policyChooser} from '../../../../src/snapshot/trim/make/policies.ts';
import type {TrimSettings} from '../../../../src/snapshot/trim/settings.ts';
import {SETTINGS} from '../planned.ts';

const settings: TrimSettings = {
  ...SETTINGS,
  defaultPolicy: 'daily=7',
  policies: {databases: 'hourly=48,daily=30', logs: 'exponential:base=2,unit=1d'},
};

function chosen(tag: string | undefined, own: Partial<TrimSettings> = {}): string {
  return policyText(policyChooser({...settings, ...own})(tag));
}

describe('the policy of a lineage', () => {
  test('is that of the configuration where its tag says nothing', () => {
    assert.equal(chosen(undefined), 'daily=7');
    assert.equal(chosen(''), 'daily=7');
  });

  test('is what its tag says, by name or in words', () => {
    assert.equal(chosen('databases'), 'hourly=48,daily=30');
    assert.equal(chosen('logs'), 'exponential:base=2,unit=1d');
    assert.equal(chosen('yearly=2'), 'yearly=2');
  });

  test('is what the command line says, whatever its tag is', () => {
    assert.equal(chosen('databases', {policy: 'weekly=3'}), 'weekly=3');
    assert.equal(chosen('nonsense', {policy: 'databases'}), 'hourly=48,daily=30');
  });

  test('has the counts of the command line in the place of its own', () => {
    assert.equal(chosen(undefined, {counts: {daily: 14}}), 'daily=14');
    assert.equal(chosen('databases', {counts: {daily: 14}}), 'hourly=48,daily=14');
    assert.equal(chosen('databases', {counts: {hourly: 0}, policy: 'hourly=1,yearly=1'}), 'yearly=1');
  });

  test('is unknown where its tag cannot be read, keeps nothing, or does not go with an option', () => {
    for (const tag of [
      'nonsense',
      'constructor',
      '__proto__',
      'daily=0',
      'daily=-1',
      'exponential:base=1,unit=1h',
    ])
      assert.throws(() => chosen(tag), UsageError, tag);
    assert.throws(() => chosen('logs', {counts: {daily: 14}}), /--daily does not go with the policy logs/);
    assert.throws(() => chosen('hourly=3', {counts: {hourly: 0}}), UsageError);
  });

  test('is told by what is near it where no policy has its name', () => {
    assert.throws(() => chosen(undefined, {policy: 'database'}), {
      message: 'no policy in retention.policies is called "database"',
      hint: 'did you mean databases?',
    });
    assert.throws(() => chosen('gold'), {
      message: 'its tag ftask:retention: no policy in retention.policies is called "gold"',
      hint: /daily=7/,
    });
    assert.throws(() => chosen('constructor'), /is called "constructor"/);
  });

  test('that keeps nothing is refused for all', () => {
    assert.throws(() => policyChooser({...settings, policy: 'daily=0'}), RefusedError);
    assert.throws(() => policyChooser({...settings, counts: {daily: 0}}), RefusedError);
  });
});

/** How retention of applications is asked for. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {fastdeploy} from '../../../src/app/fastdeploy.ts';
import {configSchema} from '../../../src/config/schema.ts';
import {parsePolicy} from '../../../src/retention/policy.ts';
import {withKeep} from '../../../src/tasks/app/keep-options.ts';

describe('retention of an application', () => {
  const config = configSchema.parse({
    retention: {
      time_zone: 'Europe/Berlin',
      min_keep: 2,
      min_age: '2h',
      policies: {few: 'daily=1', none: 'daily=0'},
    },
  });
  const application = fastdeploy(config.fastdeploy_backup, '/backups');

  test('is none unless there is a policy', () => {
    assert.equal(withKeep(application, {}, config).keep, undefined);
  });

  test('has a policy for each place, by its name or as text, and the rules of the section retention', () => {
    assert.deepEqual(withKeep(application, {keep: 'few', keepLocal: 'weekly=4'}, config).keep, {
      onHost: parsePolicy('daily=1'),
      here: parsePolicy('weekly=4'),
      zone: 'Europe/Berlin',
      minKeep: 2,
      minAgeMs: 2 * 3_600_000,
      maxDeletePercent: 50,
    });
    assert.deepEqual(
      Object.keys(withKeep(application, {keepLocal: 'few'}, config).keep ?? {}).includes('onHost'),
      false,
    );
  });

  for (const [keep, code] of [
    ['dayly=2', 'BadPolicy'],
    ['fwe', 'BadPolicy'],
    ['none', 'EmptyPolicy'],
  ] as const) {
    test(`is refused: ${keep}`, () => {
      assert.throws(() => withKeep(application, {keep}, config), {name: 'UsageError', code});
    });
  }

  test('is checked where it is configured, as far as that can be', () => {
    const parse = (keep: string) => configSchema.safeParse({fastdeploy_backup: {keep}}).success;
    assert.deepEqual(['daily=7,weekly=4', 'few', 'dayly=7'].map(parse), [true, true, false]);
    const components = {sites: {tree: '/data'}};
    const parseApp = (keep: string) =>
      configSchema.safeParse({apps: {shop: {components, keep_local: keep}}}).success;
    assert.deepEqual(['exponential:base=2,unit=1h', 'daily=x'].map(parseApp), [true, false]);
  });
});

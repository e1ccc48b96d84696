import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {DEFAULT_COUNTS, isEmpty, parsePolicy, policyText, TIERS} from '../../src/retention/policy.ts';

const NONE = {hourly: 0, daily: 0, weekly: 0, monthly: 0, quarterly: 0, yearly: 0};
const FORMS = 'a policy is `daily=7,weekly=4` or `exponential:base=2,unit=1h`';

describe('the text of a policy', () => {
  test('names counts of tiers, and none of the others', () => {
    assert.deepEqual(parsePolicy('daily=14,weekly=8'), {
      kind: 'tiers',
      counts: {...NONE, daily: 14, weekly: 8},
    });
  });

  test('may have blanks, as a tag can', () => {
    assert.deepEqual(parsePolicy(' weekly=8, daily=14\n'), parsePolicy('daily=14,weekly=8'));
    assert.deepEqual(parsePolicy('exponential: base=2 unit=1h'), parsePolicy('exponential:base=2,unit=1h'));
  });

  test('names base and unit of an exponential one', () => {
    const policy = {kind: 'exponential', base: 3, unitMs: 5_400_000};
    assert.deepEqual(parsePolicy('exponential:base=3,unit=1h30m'), policy);
  });

  test('is read back as it was written', () => {
    const count = fc.oneof(fc.constant(0), fc.integer({min: 0, max: 999_999}));
    const counts = fc.tuple(count, count, count, count, count, count);
    fc.assert(
      fc.property(counts, ([hourly, daily, weekly, monthly, quarterly, yearly]) => {
        const policy = {
          kind: 'tiers',
          counts: {hourly, daily, weekly, monthly, quarterly, yearly},
        } as const;
        assert.deepEqual(parsePolicy(policyText(policy)), policy);
      }),
    );
    const exponential = fc.record({
      base: fc.integer({min: 2, max: 100}),
      unitMs: fc.integer({min: 1000, max: 1e12}),
    });
    fc.assert(
      fc.property(exponential, (some) => {
        const policy = {kind: 'exponential', ...some} as const;
        assert.deepEqual(parsePolicy(policyText(policy)), policy);
      }),
    );
  });

  test('is short', () => {
    const text = 'hourly=24,daily=7,weekly=4,monthly=12,quarterly=4,yearly=10';
    assert.equal(policyText({kind: 'tiers', counts: DEFAULT_COUNTS}), text);
    assert.equal(policyText({kind: 'exponential', base: 2, unitMs: 3_600_000}), 'exponential:base=2,unit=1h');
  });

  for (const [text, why, hint] of [
    ['', '"" is not name=value', FORMS],
    ['daily', '"daily" is not name=value', FORMS],
    ['daily=7=8', '"daily=7=8" is not name=value', FORMS],
    ['daily=-1', 'daily is no whole number from 0 to 999999', FORMS],
    ['daily=1.5', 'daily is no whole number from 0 to 999999', FORMS],
    ['daily=', 'daily is no whole number from 0 to 999999', FORMS],
    ['daily=0x10', 'daily is no whole number from 0 to 999999', FORMS],
    ['daily=1000000', 'daily is no whole number from 0 to 999999', FORMS],
    ['daily=1,daily=2', 'daily stands twice', FORMS],
    ['dialy=7', `"dialy" is none of ${TIERS.join(', ')}`, 'did you mean daily?'],
    ['constructor=7', `"constructor" is none of ${TIERS.join(', ')}`, FORMS],
    ['daily=7 \n rm -rf', '"rm" is not name=value', FORMS],
    ['exponential:unit=1h', 'base is no whole number from 2 to 100', FORMS],
    ['exponential:base=1,unit=1h', 'base is no whole number from 2 to 100', FORMS],
    ['exponential:base=101,unit=1h', 'base is no whole number from 2 to 100', FORMS],
    ['exponential:base=2', 'unit is no duration of a second or more, such as 1h', FORMS],
    ['exponential:base=2,unit=5', 'unit is no duration of a second or more, such as 1h', FORMS],
    ['exponential:base=2,unit=0s', 'unit is no duration of a second or more, such as 1h', FORMS],
    ['exponential:base=2,units=1h', '"units" is none of base, unit', 'did you mean unit?'],
  ] as const) {
    test(`${JSON.stringify(text)} is none: ${why}`, () => {
      const message = `${JSON.stringify(text)} is no retention policy: ${why}`;
      assert.throws(() => parsePolicy(text), {name: 'UsageError', code: 'BadPolicy', message, hint});
    });
  }
});

describe('a policy', () => {
  test('is empty when it counts nothing', () => {
    assert.equal(isEmpty(parsePolicy('daily=0')), true);
    for (const tier of TIERS) assert.equal(isEmpty(parsePolicy(`${tier}=1`)), false);
    assert.equal(isEmpty(parsePolicy('exponential:base=2,unit=1h')), false);
  });
});

/** By what one can tell that a plan is as it was. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {digestOf} from '../../../../src/snapshot/trim/plan-file/digest.ts';

const json = fc.jsonValue().map((value) => ({value}));

describe('the digest of a plan', () => {
  test('is the same after a way through JSON, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const turned = Object.fromEntries(Object.entries(record).reverse());
        assert.equal(digestOf(record), digestOf(JSON.parse(JSON.stringify(turned))));
      }),
    );
  });

  test('is another one for anything else', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        fc.pre(!isSame(one, other));
        assert.notEqual(digestOf(one), digestOf(other));
      }),
    );
  });
});

function isSame(one: object, other: object): boolean {
  try {
    assert.deepEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
    return true;
  } catch {
    return false;
  }
}

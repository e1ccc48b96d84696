/** Wrong values are told in words. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {z} from 'zod';
import {inWords} from '../../src/runner/issue-text.ts';

function messageOf(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value, inWords).error?.issues[0]?.message;
}

test('a number is told with the limit that it breaks', () => {
  assert.equal(messageOf(z.int().min(0), -1), '-1 is less than 0');
  assert.equal(messageOf(z.number().positive(), 0), '0 is not more than 0');
  assert.equal(messageOf(z.int().max(100), 101), '101 is more than 100');
  assert.equal(messageOf(z.number().lt(3), 3), '3 is not less than 3');
  assert.equal(messageOf(z.int(), 1.5), '1.5 is not a whole number');
});

test('an empty text is told where there must be one', () => {
  assert.equal(messageOf(z.string().min(1), ''), 'must not be empty');
});

test('what a schema says itself wins', () => {
  assert.equal(messageOf(z.int().min(1, 'one at least'), 0), 'one at least');
});

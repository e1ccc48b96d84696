import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {formatDuration, parseDuration} from '../src/duration.ts';

describe('a duration', () => {
  for (const [text, ms] of [
    ['0s', 0],
    ['500ms', 500],
    ['60m', 3_600_000],
    ['1h30m', 5_400_000],
    ['1.5d', 129_600_000],
    ['2w', 1_209_600_000],
  ] as const) {
    test(`${text} is ${ms} milliseconds`, () => assert.equal(parseDuration(text), ms));
  }

  for (const text of ['', '60', 'm', '60 m', '-5m', '5x', '1h 30m', '60M', '5m!', '1e3s']) {
    test(`"${text}" is none`, () => assert.equal(parseDuration(text), undefined));
  }

  test('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.nat({max: Number.MAX_SAFE_INTEGER}), (ms) => {
        assert.equal(parseDuration(formatDuration(ms)), ms);
      }),
    );
  });

  test('is written with its largest units first', () => {
    assert.equal(formatDuration(5_400_000), '1h30m');
    assert.equal(formatDuration(90_061_001), '1d1h1m1s1ms');
    assert.equal(formatDuration(0), '0s');
  });
});

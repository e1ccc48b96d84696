import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {isRunId, newRunId} from '../../src/runner/run-id.ts';

test('a run id begins with its time in UTC and is known as one', () => {
  const id = newRunId(Date.UTC(2026, 10, 21, 4, 30, 12, 345));
  assert.match(id, /^20261121T043012Z-/);
  assert.equal(isRunId(id), true);
  assert.equal(isRunId('20261121'), false);
});

test('ids sort by time', () => {
  const times = fc.tuple(fc.nat(4e9), fc.integer({min: 1, max: 1e9}));
  fc.assert(
    fc.property(times, ([seconds, later]) => {
      assert.ok(newRunId(seconds * 1000) < newRunId((seconds + later) * 1000));
    }),
  );
});

test('two runs of the same second have different ids', () => {
  const ids = new Set(Array.from({length: 100}, () => newRunId(0)));
  assert.ok(ids.size > 95);
});

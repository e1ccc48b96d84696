import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {table} from '../../../src/cli/text/table.ts';

describe('table', () => {
  test('aligns columns under their names', () => {
    const rows = [{id: 'snap-1', size: 8}, {id: 'snap-22'}];
    assert.deepEqual(table(rows, ['id', 'size'], 80), ['id       size', 'snap-1   8', 'snap-22']);
  });

  test('cuts long texts when there is no room', () => {
    const rows = [{id: 'snap-1', text: 'a long text that does not fit into the room there is'}];
    assert.deepEqual(table(rows, ['id', 'text'], 40), [
      'id      text',
      'snap-1  a long text that does not fit i…',
    ]);
  });

  test('leaves out whole columns rather than half of an identifier, and says so', () => {
    const rows = [{id: 'snap-0123456789abcdef0', volume: 'vol-0123456789abcdef0', state: 'pending'}];
    assert.deepEqual(table(rows, ['id', 'volume', 'state'], 40), [
      'id                      …',
      'snap-0123456789abcdef0',
    ]);
  });

  test('shows remote text without control characters', () => {
    assert.deepEqual(table([{a: 'x\u001b[31m\ny'}], ['a'], 80), ['a', 'x y']);
  });

  test('is never wider than the terminal', () => {
    const rows = fc.array(fc.record({a: fc.string(), b: fc.string({maxLength: 100}), c: fc.integer()}));
    fc.assert(
      fc.property(rows, fc.integer({min: 10, max: 200}), (some, width) => {
        assert.ok(table(some, ['a', 'b', 'c'], width).every((line) => line.length <= width));
      }),
    );
  });
});

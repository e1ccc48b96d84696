import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {sampleRows} from '../../../src/runner/display/rows.ts';
import {ProgressModel} from '../../../src/runner/progress.ts';

const SCREEN = {rows: 20, columns: 80};

function texts(model: ProgressModel, screen = SCREEN): string[] {
  return sampleRows(model.groups, screen).map(({text}) => text);
}

describe('sampleRows', () => {
  test('shows a group with its counts, failed items before running ones', () => {
    const model = new ProgressModel();
    const group = model.group('eu-west-1');
    group.expect(5);
    group.start('i-1', 'describing');
    group.start('i-2');
    group.fail('i-2', 'throttled');
    group.start('i-3');
    group.done('i-3');
    assert.deepEqual(texts(model), [
      'eu-west-1: 2/5, 1 running, 1 failed',
      'i-2: throttled',
      'i-1: describing',
    ]);
  });

  test('counts what there is no room for', () => {
    const model = new ProgressModel();
    const group = model.group('eu-west-1');
    for (let item = 0; item < 10_000; item += 1) group.start(`i-${item}`);
    const rows = texts(model);
    assert.equal(rows.length, 20);
    assert.equal(rows.at(-1), '... 9,982 more');
  });

  test('keeps groups at work when there are more groups than rows', () => {
    const model = new ProgressModel();
    for (let index = 0; index < 30; index += 1) model.group(`done-${index}`).close();
    model.group('working').start('i-1');
    const rows = texts(model, {rows: 5, columns: 80});
    assert.equal(rows.length, 5);
    assert.ok(rows.some((row) => row.startsWith('working')));
    assert.equal(rows.at(-1), '... 27 more groups');
  });

  test('never shows escape sequences or line breaks of remote text', () => {
    const model = new ProgressModel();
    const group = model.group('web\u001b[2J');
    group.start('i-1', 'line\nbreak\u001b]0;title\u0007\u202e');
    assert.deepEqual(texts(model), ['web: 0 ended, 1 running', 'i-1: line break']);
  });

  test('fits any screen, whatever is going on', () => {
    const groups = fc.array(fc.record({active: fc.nat(50), failed: fc.nat(50), closed: fc.boolean()}), {
      maxLength: 40,
    });
    const screens = fc.record({
      rows: fc.integer({min: 1, max: 60}),
      columns: fc.integer({min: 10, max: 200}),
    });
    fc.assert(
      fc.property(groups, screens, (wanted, screen) => {
        const model = new ProgressModel();
        for (const {active, failed, closed} of wanted) {
          const group = model.group('a-region-with-a-name');
          for (let item = 0; item < active; item += 1) group.start(`a${item}`, 'some long text about it');
          for (let item = 0; item < failed; item += 1) group.fail(`f${item}`, 'some long reason for it');
          if (closed) group.close();
        }
        const rows = sampleRows(model.groups, screen);
        assert.ok(rows.length <= screen.rows);
        assert.ok(rows.every(({text, depth}) => text.length + 2 + 2 * depth <= Math.max(screen.columns, 5)));
        assert.ok(wanted.length === 0 || rows.length > 0);
      }),
    );
  });
});

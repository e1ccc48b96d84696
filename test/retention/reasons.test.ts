import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {decide, type Item, type Rules} from '../../src/retention/decide.ts';
import {reasonText} from '../../src/retention/reason.ts';
import {backup, HOUR, rulesBy, series} from './decided.ts';

describe('a snapshot that is kept says', () => {
  const now = backup('2026-11-21T14:00Z', {id: 'snap-new'});

  test('of which periods it is the newest', () => {
    const rules = rulesBy('hourly=1,daily=1,weekly=1,monthly=1,quarterly=1,yearly=1');
    assert.deepEqual(reasonsOf('snap-new', [now], rules), [
      'newest of hour 2026-11-21 14:00Z',
      'newest of day 2026-11-21',
      'newest of week 2026-W47',
      'newest of month 2026-11',
      'newest of quarter 2026-Q4',
      'newest of year 2026',
      'the newest',
    ]);
  });

  test('of which growing periods it is the newest', () => {
    const rules = rulesBy('exponential:base=2,unit=1h');
    const before = backup('2026-11-21T12:30Z', {id: 'snap-old'});
    assert.deepEqual(reasonsOf('snap-old', [now, before], rules), [
      'newest of the 2h from 2026-11-21 12:00Z',
      'oldest, while exponential reaches further back',
    ]);
  });

  test('that it is one of the newest, young, or the oldest there is', () => {
    const items = series('2026-11-21T14:30Z', 4, HOUR / 60);
    const rules = rulesBy('daily=7,yearly=2', {minKeep: 3, minAgeMs: HOUR});
    assert.deepEqual(reasonsOf(items[1]?.id, items, rules), ['one of the 3 newest', 'younger than 1h']);
    assert.deepEqual(reasonsOf(items[0]?.id, items, rules), [
      'younger than 1h',
      'oldest, while yearly reaches further back',
    ]);
  });

  test('what holds it beside what else keeps it', () => {
    const held = {...now, holds: ['used by ami-1', 'shared with 123456789012']};
    assert.deepEqual(reasonsOf('snap-new', [held], rulesBy('daily=1')), [
      'held: used by ami-1',
      'held: shared with 123456789012',
      'newest of day 2026-11-21',
      'the newest',
    ]);
  });

  test('that it is of one set with another that is kept', () => {
    const [old, other] = ['snap-a', 'snap-b'].map((id) =>
      backup('2026-11-01T00:00Z', {id, set: 'set-1', lineage: id}),
    ) as [Item, Item];
    const newer = {...now, lineage: 'snap-a'};
    assert.deepEqual(reasonsOf('snap-a', [old, other, newer], rulesBy('daily=1')), [
      'of one set with snap-b',
    ]);
  });

  test('that it is no backup, and what it is instead', () => {
    const rules = rulesBy('daily=1');
    const pending = {...now, isBackup: false, holds: ['pending']};
    assert.deepEqual(reasonsOf('snap-new', [pending], rules), ['held: pending']);
    assert.deepEqual(reasonsOf('snap-new', [{...now, isBackup: false}], rules), [
      'no completed backup of ours',
    ]);
    const future = backup('2026-11-21T15:06Z', {holds: ['pinned']});
    assert.deepEqual(reasonsOf(future.id, [future], rules), ['held: pinned', 'its time lies in the future']);
  });
});

describe('a snapshot that is deleted says', () => {
  test('of each rule why it does not keep it, the finest first and last those that do not reach it', () => {
    const newer = backup('2026-11-03T20:00Z', {id: 'snap-9'});
    const items = [
      ...series('2026-11-21T14:00Z', 2, HOUR),
      newer,
      backup('2026-11-03T02:00Z', {id: 'snap-1'}),
      backup('2026-11-02T03:00Z'),
    ];
    const rules = rulesBy('hourly=1,daily=19,weekly=3,monthly=1,yearly=1');
    assert.deepEqual(reasonsOf('snap-1', items, rules), [
      'day 2026-11-03: snap-9 is newer',
      'week 2026-W45: snap-9 is newer',
      'month 2026-11: snap-2026-11-21T14:00:00.000Z is newer',
      'year 2026: snap-2026-11-21T14:00:00.000Z is newer',
      'before the 1 hour that is kept',
    ]);
  });

  test('that another is as new', () => {
    const items = ['snap-2', 'snap-1', 'snap-3'].map((id) => backup('2026-11-03T20:00Z', {id}));
    assert.deepEqual(reasonsOf('snap-3', items, rulesBy('daily=1')), ['day 2026-11-03: snap-1 is as new']);
  });

  test('how many growing periods are kept', () => {
    const items = [0, 1, 2, 3, 4].map((hour) => backup(`2026-11-21T0${hour}:00Z`));
    assert.deepEqual(reasonsOf('snap-2026-11-21T02:00Z', items, rulesBy('exponential:base=2,unit=1h')), [
      'the 2h from 2026-11-21 02:00Z: snap-2026-11-21T03:00Z is newer',
      'the 4h from 2026-11-21 00:00Z: snap-2026-11-21T03:00Z is newer',
      'the 8h from 2026-11-21 00:00Z: snap-2026-11-21T04:00Z is newer',
      'before the 2 periods of 1h that are kept',
    ]);
  });
});

function reasonsOf(id: string | undefined, items: readonly Item[], rules: Rules): string[] {
  const decision = decide(items, rules).find(({item}) => item.id === id);
  return decision?.reasons.map(reasonText) ?? [];
}

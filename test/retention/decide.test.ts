import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {decide} from '../../src/retention/decide.ts';
import {reasonText} from '../../src/retention/reason.ts';
import {backup, DAY, deletedIds, HOUR, keptIds, rulesBy, series} from './decided.ts';

describe('a decision', () => {
  test('is made for nothing at all', () => {
    assert.deepEqual(decide([], rulesBy('daily=1')), []);
  });

  test('keeps the newest even where the least number to keep is none', () => {
    const items = series('2026-11-21T03:00Z', 3, HOUR);
    assert.deepEqual(keptIds(items, rulesBy('yearly=1', {minKeep: 0})), ['snap-2026-11-21T03:00:00.000Z']);
  });

  test('may delete what is as old as the least age, not what is younger by a millisecond', () => {
    const items = series('2026-11-21T14:00Z', 3, HOUR);
    const nowMs = Date.parse('2026-11-21T15:00Z');
    const rules = rulesBy('hourly=1', {nowMs, minAgeMs: 2 * HOUR});
    assert.deepEqual(deletedIds(items, rules), [items[0]?.id, items[1]?.id]);
    assert.deepEqual(deletedIds(items, {...rules, nowMs: nowMs - 1}), [items[0]?.id]);
  });

  test('takes what is five minutes ahead for a backup, not what is a millisecond more', () => {
    const items = [backup('2026-11-21T14:00Z'), backup('2026-11-21T14:55Z'), backup('2026-11-21T15:05Z')];
    const rules = rulesBy('daily=1');
    assert.deepEqual(keptIds(items, rules), [items[2]?.id]);
    assert.deepEqual(keptIds(items, {...rules, nowMs: rules.nowMs - 1}), [items[1]?.id, items[2]?.id]);
  });

  test('takes what has no time for no backup', () => {
    const decisions = decide([backup('never'), backup('2026-11-21T14:00Z')], rulesBy('daily=1'));
    assert.deepEqual(
      decisions.map(({reasons}) => reasons.map(({kind}) => kind)),
      [['future'], ['newest of period', 'one of the newest']],
    );
  });

  test('keeps one of the oldest when several are equally old, and the same in any order', () => {
    const old = ['snap-2', 'snap-1', 'snap-3'].map((id) => backup('2026-01-01T00:00Z', {id}));
    const items = [...old, ...series('2026-11-21T03:00Z', 2, DAY)];
    assert.deepEqual(deletedIds(items, rulesBy('daily=2,yearly=2')), ['snap-2', 'snap-3']);
    assert.deepEqual(deletedIds(items.reverse(), rulesBy('daily=2,yearly=2')), ['snap-3', 'snap-2']);
  });

  test('is the same for a snapshot that stands twice among the items', () => {
    const items = series('2026-11-21T03:00Z', 5, DAY);
    const rules = rulesBy('daily=2', {minKeep: 3});
    assert.deepEqual(deletedIds([...items, ...items], rules), [
      ...deletedIds(items, rules),
      ...deletedIds(items, rules),
    ]);
  });

  test('has its words for times before 1970, and before there were zones', () => {
    const items = ['0050-03-01T00:00Z', '1850-03-01T00:00Z', '1969-12-31T23:59Z', '2026-11-21T03:00Z'];
    const words = (policy: string, zone: string): readonly string[][] =>
      decide(
        items.map((time) => backup(time)),
        rulesBy(policy, {zone}),
      ).map(({reasons}) => reasons.map(reasonText));
    for (const zone of ['UTC', 'America/New_York']) {
      const last = words('yearly=3000', zone).map((reasons) => reasons.at(-1));
      assert.deepEqual(last, [
        'oldest, while yearly reaches further back',
        'newest of year 1850',
        'newest of year 1969',
        'the newest',
      ]);
    }
    const before = /^the \d+w.* from -\d{6}-\d\d-\d\d \d\d:\d\dZ: snap-1969-12-31T23:59Z is newer$/;
    assert.ok(words('exponential:base=2,unit=1s', 'UTC')[1]?.some((reason) => before.test(reason)));
  });

  test('names the same member of a set in any order', () => {
    const [time, set] = ['2026-11-01T00:00Z', 'set-1'];
    const members = ['snap-3', 'snap-1', 'snap-2'].map((id) => backup(time, {id, set, lineage: id}));
    const old = backup(time, {id: 'snap-0', set, lineage: 'vol-1'});
    const newest = backup('2026-11-21T03:00Z', {lineage: 'vol-1'});
    for (const items of [
      [old, newest, ...members],
      [...members.reverse(), newest, old],
    ]) {
      const decision = decide(items, rulesBy('daily=1')).find(({item}) => item.id === 'snap-0');
      assert.deepEqual(decision?.reasons, [{kind: 'set', keptMember: 'snap-1'}]);
    }
  });

  test('keeps the set of a member that is not completed yet', () => {
    const items = [
      backup('2026-11-01T00:00Z', {id: 'snap-1', set: 'set-1'}),
      backup('2026-11-21T00:00Z'),
      backup('2026-11-01T00:00Z', {id: 'snap-2', set: 'set-1', lineage: 'vol-2', isBackup: false}),
    ];
    assert.deepEqual(deletedIds(items, rulesBy('daily=1')), []);
  });

  test('is made by the policy of each lineage, which is asked for once', () => {
    const items = ['vol-1', 'vol-2'].flatMap((lineage) =>
      series('2026-11-21T03:00Z', 5, DAY, {lineage}).map((item) => ({...item, id: `${item.id}-${lineage}`})),
    );
    const asked: string[] = [];
    const {policyOf: three} = rulesBy('daily=3');
    const {policyOf: four} = rulesBy('daily=4');
    const policyOf = (lineage: string) => {
      asked.push(lineage);
      return lineage === 'vol-1' ? three(lineage) : four(lineage);
    };
    const deleted = deletedIds(items, {...rulesBy('daily=1'), policyOf});
    assert.deepEqual(deleted, [items[0]?.id, items[1]?.id, items[5]?.id]);
    assert.deepEqual(asked, ['vol-1', 'vol-2']);
  });
});

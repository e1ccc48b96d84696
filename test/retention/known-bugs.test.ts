/**
 * The bugs that other tools had, one test each; they are told in the facts about EBS that the design
 * rests on, §4.2. host-zone.test.ts runs this in other zones of the machine.
 */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {decide} from '../../src/retention/decide.ts';
import {DEFAULT_COUNTS, type Policy} from '../../src/retention/policy.ts';
import {backup, DAY, deletedIds, HOUR, keptIds, MINUTE, rulesBy, series, trimmed} from './decided.ts';

const DEFAULTS: Policy = {kind: 'tiers', counts: DEFAULT_COUNTS};

describe('a bug that we do not have', () => {
  test('sanoid #155: the hour that clocks repeat makes sixty dailies', () => {
    const zone = 'America/New_York';
    const items = series('2026-11-01T07:00Z', 4 * 60, MINUTE);
    assert.deepEqual(keptIds(items, rulesBy('daily=7', {zone})), [
      items[0]?.id, // 23:01 on the day before: the oldest
      'snap-2026-11-01T03:59:00.000Z',
      'snap-2026-11-01T07:00:00.000Z',
    ]);
    const hours = keptIds(items, rulesBy('hourly=3', {zone}));
    assert.deepEqual(
      hours.map((id) => id.slice(-13, -8)),
      ['05:59', '06:59', '07:00'],
    );
  });

  test('restic #2233, #1306, #4484, kopia #2696: days are those of the machine, not those that were meant', () => {
    const items = [
      backup('2026-06-14T21:30Z'), // 23:30 on the 14th in Berlin
      backup('2026-06-14T22:30Z'), // 00:30 on the 15th
      backup('2026-06-15T12:00Z'),
    ];
    const policy = 'daily=2';
    assert.deepEqual(deletedIds(items, rulesBy(policy, {zone: 'Europe/Berlin'})), ['snap-2026-06-14T22:30Z']);
    assert.deepEqual(deletedIds(items, rulesBy(policy, {zone: 'UTC'})), ['snap-2026-06-14T21:30Z']);
  });

  test('kopia #5348: weeks and days are of different zones', () => {
    const items = [
      backup('2026-06-14T11:00Z'), // Sunday, 23:00 in Auckland
      backup('2026-06-14T12:30Z'), // Monday, 00:30
      backup('2026-06-15T11:00Z'), // Monday, 23:00
    ];
    const rules = rulesBy('daily=2,weekly=2', {zone: 'Pacific/Auckland'});
    assert.deepEqual(deletedIds(items, rules), ['snap-2026-06-14T12:30Z']);
    const [sunday] = decide(items, rules);
    assert.deepEqual(
      sunday?.reasons.map((reason) => reason.kind === 'newest of period' && reason.period),
      ['day 2026-06-14', 'week 2026-W24'],
    );
  });

  test('restic: 24 hours stretch over 24 days where there is one backup a day', () => {
    const items = series('2026-11-21T03:00Z', 30, DAY);
    assert.deepEqual(keptIds(items, rulesBy('hourly=24,daily=2')), [items[28]?.id, items[29]?.id]);
  });

  test('restic: backups dated in the future use up the periods', () => {
    const items = series('2026-11-21T03:00Z', 10, DAY);
    const future = series('2036-11-21T03:00Z', 10, DAY);
    const rules = rulesBy('daily=7');
    assert.deepEqual(deletedIds([...items, ...future], rules), deletedIds(items, rules));
  });

  test('restic #3624, borg 1.2.0b2: the oldest goes although a rule reaches further back', () => {
    const items = series('2026-11-21T03:00Z', 40, DAY);
    assert.ok(keptIds(items, rulesBy('daily=7,yearly=2')).includes(items[0]?.id ?? ''));
    assert.ok(!keptIds(items, rulesBy('daily=7,weekly=3')).includes(items[0]?.id ?? ''));
  });

  test('restic #4568: an empty policy deletes everything', () => {
    const items = series('2026-11-21T03:00Z', 40, DAY);
    assert.deepEqual(deletedIds(items, rulesBy('daily=0')), []);
  });

  test('borg #997, django_fabfile: one that is incomplete or in error is the one that is kept', () => {
    const good = backup('2026-11-20T03:00Z');
    const broken = backup('2026-11-20T04:00Z', {isBackup: false, holds: ['in state error']});
    const pending = backup('2026-11-20T05:00Z', {isBackup: false, holds: ['pending']});
    const newest = backup('2026-11-21T03:00Z');
    assert.deepEqual(deletedIds([good, broken, pending, newest], rulesBy('daily=2')), []);
  });

  test('restic, boto: lineages that have nothing in common share their periods', () => {
    const items = [
      backup('2026-11-20T03:00Z', {lineage: 'vol-1'}),
      backup('2026-11-20T04:00Z', {lineage: 'vol-2'}),
      backup('2026-11-20T05:00Z', {lineage: 'replica of vol-1'}),
    ];
    assert.deepEqual(deletedIds(items, rulesBy('daily=1')), []);
  });

  test('syncoid 2.0.2: of equal times, which one is kept depends on their order', () => {
    const items = ['snap-c', 'snap-a', 'snap-b'].map((id) => backup('2026-11-20T03:00Z', {id}));
    assert.deepEqual(keptIds(items, rulesBy('daily=1')), ['snap-a']);
    assert.deepEqual(keptIds([...items].reverse(), rulesBy('daily=1')), ['snap-a']);
  });

  test('syncoid 2.0.2: a set of several volumes, of one time as always, is torn apart', () => {
    const volumes = ['vol-1', 'vol-2'].flatMap((lineage) =>
      ['2026-11-20T03:00Z', '2026-11-20T04:00Z', '2026-11-20T05:00Z'].map((time) =>
        backup(time, {id: `snap-${lineage}-${time}`, lineage, set: time}),
      ),
    );
    const extra = backup('2026-11-20T06:00Z', {lineage: 'vol-1'});
    assert.deepEqual(deletedIds([...volumes, extra], rulesBy('daily=1')), [
      'snap-vol-1-2026-11-20T03:00Z',
      'snap-vol-1-2026-11-20T04:00Z',
      'snap-vol-2-2026-11-20T03:00Z',
      'snap-vol-2-2026-11-20T04:00Z',
    ]);
  });

  test('django_fabfile: targets out of order leave gaps of 28 days among the weeklies', () => {
    const items = series('2013-08-29T03:10Z', 900, DAY);
    const nowMs = Date.parse('2013-08-29T13:37Z');
    const kept = trimmed(items, rulesBy(DEFAULTS, {nowMs})).map(({timeMs}) => timeMs);
    const gapSince = (sinceMs: number): number =>
      Math.max(...kept.filter((at) => at >= sinceMs).map((at, index, all) => at - (all[index - 1] ?? at)));
    assert.equal(gapSince(nowMs - 7 * DAY), DAY);
    assert.equal(gapSince(nowMs - 28 * DAY), 7 * DAY);
    assert.equal(gapSince(nowMs - 365 * DAY), 31 * DAY);
    assert.equal(kept.length, 22);
  });

  test('barman BAR-707: what depends on something held goes with the rest', () => {
    const more = {set: 'set-1', timeMs: Date.parse('2026-11-01T03:00Z')};
    const items = [
      backup('', {...more, id: 'snap-root', lineage: 'vol-1', holds: ['used by ami-1']}),
      backup('', {...more, id: 'snap-data', lineage: 'vol-2'}),
      ...series('2026-11-21T03:00Z', 2, DAY, {lineage: 'vol-2'}),
    ];
    assert.deepEqual(deletedIds(items, rulesBy('daily=2')), []);
  });

  test('WAL-G: the order of names stands for that of times', () => {
    const items = series('2026-11-21T03:00Z', 30, HOUR).map((item, index) => ({
      ...item,
      id: `snap-${99 - index}`,
    }));
    assert.deepEqual(keptIds(items, rulesBy('daily=1')), ['snap-70']);
  });

  test('sanoid 1.4.17: after a delete that failed, others are chosen', () => {
    const items = series('2026-11-21T03:00Z', 100, 6 * HOUR);
    const rules = rulesBy(DEFAULTS);
    const [failed] = deletedIds(items, rules);
    const left = items.filter(({id}) => id === failed || keptIds(items, rules).includes(id));
    assert.deepEqual(deletedIds(left, rules), [failed]);
  });

  test('sanoid 2.3.0, boto: one that works from an old list deletes what another one keeps', () => {
    const items = series('2026-11-21T03:00Z', 300, 5 * HOUR);
    const now = new Set(deletedIds(items, rulesBy(DEFAULTS)));
    for (let length = 1; length < items.length; length += 1) {
      for (const id of deletedIds(items.slice(0, length), rulesBy(DEFAULTS))) assert.ok(now.has(id), id);
    }
  });

  test('django_fabfile: replicas are trimmed by when they were copied', () => {
    const originals = series('2026-11-21T03:00Z', 60, DAY);
    // Copied newest first, so that their ids tell another order than their points in time.
    const replicas = originals.map((item, index) => ({
      ...item,
      id: `snap-copy-${99 - index}`,
      lineage: 'replica',
    }));
    const times = (lineage: string): number[] =>
      trimmed([...originals, ...replicas.reverse()], rulesBy(DEFAULTS))
        .filter((item) => item.lineage === lineage)
        .map(({timeMs}) => timeMs)
        .sort((left, right) => left - right);
    assert.deepEqual(times('replica'), times('vol-1'));
  });
});

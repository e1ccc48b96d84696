/** Our tiers beside those of the real `restic forget`, on the same times. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {type Decision, decide, type Item} from '../../src/retention/decide.ts';
import type {Tier} from '../../src/retention/policy.ts';
import {keptByRestic, noRestic} from './restic.ts';

type Counts = Readonly<Record<Exclude<Tier, 'quarterly'>, number>>;

interface History {
  readonly name: string;
  readonly times: readonly number[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NONE: Counts = {hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0};

describe('the same backups as restic are kept', {skip: noRestic}, () => {
  const cases = [
    {zone: 'UTC', hours: 24, tiers: ['daily', 'weekly', 'monthly', 'yearly']},
    {zone: 'UTC', hours: 1, tiers: ['hourly', 'daily', 'weekly', 'monthly']},
    // So often that there is no day without one in these zones either, though days begin at other times.
    {zone: 'America/New_York', hours: 8, tiers: ['daily', 'weekly', 'monthly', 'yearly']},
    {zone: 'Australia/Lord_Howe', hours: 8, tiers: ['daily', 'weekly', 'monthly', 'yearly']},
  ] as const;
  for (const {zone, hours, tiers} of cases) {
    test(`of histories with a backup or more in each ${hours} h, by ${tiers.join(', ')} in ${zone}`, async () => {
      const histories = fc
        .array(gapless(hours * HOUR), {minLength: 1, maxLength: 3})
        .map((all) => all.map((times, index) => ({name: `host-${index}`, times})));
      await fc.assert(
        fc.asyncProperty(histories, countsOf(tiers), fc.integer({min: 1, max: 5}), (all, counts, minKeep) =>
          sameAsRestic(all, counts, minKeep, zone),
        ),
        {numRuns: 12},
      );
    });
  }

  test('but a period without a backup counts, so sparse history does not stretch a tier', async () => {
    const times = Array.from({length: 60}, (_, day) => Date.UTC(2026, 0, 1) + day * DAY);
    const histories = [{name: 'daily', times}];
    const counts = {...NONE, hourly: 24};
    const theirs = await byRestic(histories, counts, 1, 'UTC');
    assert.deepEqual(theirs.get('daily'), times.slice(-24));
    assert.deepEqual(byUs(times, counts, 1, 'UTC').kept, times.slice(-1));
  });
});

async function sameAsRestic(histories: readonly History[], counts: Counts, minKeep: number, zone: string) {
  const theirs = await byRestic(histories, counts, minKeep, zone);
  for (const {name, times} of histories) {
    const ours = byUs(times, counts, minKeep, zone);
    assert.deepEqual(
      ours.kept,
      theirs.get(name)?.filter((time) => time !== ours.oldest),
    );
  }
}

function byRestic(histories: readonly History[], counts: Counts, minKeep: number, zone: string) {
  const snapshots = histories.flatMap(({name, times}) =>
    times.map((time) => ({host: name, time: localTime(time, zone)})),
  );
  return keptByRestic(snapshots, {last: minKeep, ...counts});
}

/**
 * The kept moments, oldest first, apart from one that is kept for nothing but being the oldest:
 * restic keeps that one since its version 0.16 only.
 */
function byUs(times: readonly number[], counts: Counts, minKeep: number, zone: string) {
  const items: readonly Item[] = times.map((timeMs) => ({
    id: `${timeMs}`,
    lineage: '',
    timeMs,
    isBackup: true,
    holds: [],
  }));
  const decisions = decide(items, {
    nowMs: Math.max(...times),
    zone,
    minKeep,
    minAgeMs: 0,
    policyOf: () => ({kind: 'tiers', counts: {...counts, quarterly: 0}}),
  });
  const kept = decisions.filter(({verdict}) => verdict === 'keep');
  const isOldest = ({reasons}: Decision) => reasons.every(({kind}) => kind === 'oldest');
  const moments = kept.filter((decision) => !isOldest(decision)).map(({item}) => item.timeMs);
  return {kept: moments.sort((a, b) => a - b), oldest: kept.find(isOldest)?.item.timeMs};
}

/** One to three backups, at different seconds, in each of up to 900 periods on end. */
function gapless(period: number): fc.Arbitrary<readonly number[]> {
  const first = fc.integer({min: Date.UTC(2019) / period, max: Date.UTC(2026) / period});
  const moments = fc.uniqueArray(fc.integer({min: 0, max: period / 1000 - 1}), {minLength: 1, maxLength: 3});
  return fc
    .tuple(first, fc.array(moments, {minLength: 1, maxLength: 900, size: 'max'}))
    .map(([start, all]) =>
      all.flatMap((seconds, index) => seconds.map((second) => (start + index) * period + second * 1000)),
    );
}

/** Counts for some of the tiers, none for the others. */
function countsOf(tiers: readonly (keyof Counts)[]): fc.Arbitrary<Counts> {
  const count = fc.oneof(fc.constant(0), fc.integer({min: 1, max: 60}));
  return fc
    .tuple(...tiers.map(() => count))
    .filter((counts) => counts.some((value) => value > 0))
    .map((counts) => ({...NONE, ...Object.fromEntries(tiers.map((tier, index) => [tier, counts[index]]))}));
}

/** The moment as a clock in the zone shows it, with the zone's offset: 2026-11-01T01:30:00-05:00. */
function localTime(time: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en', {timeZone: zone, timeZoneName: 'longOffset'});
  const name = parts.formatToParts(time).find(({type}) => type === 'timeZoneName')?.value ?? '';
  const [, sign = '+', hours = '00', minutes = '00'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  return new Date(time + offset).toISOString().replace('Z', `${sign}${hours}:${minutes}`);
}

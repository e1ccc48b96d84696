import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {dayName, monthName, monthOf, quarterName, weekName, weekOf} from '../../src/retention/calendar.ts';
import {DAY} from './decided.ts';

/** From the year -2000 to 6000. */
const days = fc.integer({min: -1_450_000, max: 1_470_000});

describe('the calendar', () => {
  test('has the months of Date', () => {
    fc.assert(
      fc.property(days, (day) => {
        const date = new Date(day * DAY);
        assert.equal(monthOf(day), date.getUTCFullYear() * 12 + date.getUTCMonth());
      }),
      {numRuns: 2000},
    );
  });

  test('begins weeks on Mondays', () => {
    fc.assert(
      fc.property(days, (day) => {
        const isMonday = new Date(day * DAY).getUTCDay() === 1;
        assert.equal(weekOf(day) - weekOf(day - 1), isMonday ? 1 : 0);
      }),
      {numRuns: 2000},
    );
  });

  for (const [date, week] of [
    ['2026-11-21', '2026-W47'],
    ['2026-01-01', '2026-W01'],
    ['2027-01-03', '2026-W53'],
    ['2024-12-30', '2025-W01'],
    ['2021-01-03', '2020-W53'],
    ['2000-01-02', '1999-W52'],
    ['1970-01-01', '1970-W01'],
    ['1969-12-28', '1969-W52'],
  ] as const) {
    test(`names the week of ${date} ${week}`, () => {
      assert.equal(weekName(weekOf(Date.parse(date) / DAY)), week);
    });
  }

  test('names days, months and quarters as ISO 8601 does, and as people do', () => {
    const month = monthOf(Date.parse('2026-11-03') / DAY);
    assert.equal(dayName(Date.parse('2026-11-03') / DAY), '2026-11-03');
    assert.equal(monthName(month), '2026-11');
    assert.equal(quarterName(Math.floor(month / 3)), '2026-Q4');
  });
});

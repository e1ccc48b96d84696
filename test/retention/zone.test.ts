/** Civil dates in zones; host-zone.test.ts runs this in other zones of the machine. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {dayName} from '../../src/retention/calendar.ts';
import {checkZone, civilDays} from '../../src/retention/zone.ts';
import {DAY, MINUTE} from './decided.ts';

describe('the civil date', () => {
  for (const [zone, time, date, why] of [
    ['UTC', '2026-03-29T23:59:59.999Z', '2026-03-29', 'UTC knows no other clock'],
    ['UTC', '1969-12-31T23:59:59.999Z', '1969-12-31', 'the days before 1970 count, too'],
    ['Europe/Berlin', '2026-03-28T22:59:59.999Z', '2026-03-28', 'an hour ahead in winter'],
    ['Europe/Berlin', '2026-03-28T23:00Z', '2026-03-29', 'an hour ahead in winter'],
    ['Europe/Berlin', '2026-03-29T21:59:59.999Z', '2026-03-29', 'two hours ahead from that day on'],
    ['Europe/Berlin', '2026-03-29T22:00Z', '2026-03-30', 'two hours ahead from that day on'],
    ['America/New_York', '2026-11-01T04:00Z', '2026-11-01', 'a day of 25 hours begins'],
    ['America/New_York', '2026-11-02T04:59:59.999Z', '2026-11-01', 'a day of 25 hours ends'],
    ['Australia/Lord_Howe', '2026-04-04T13:00Z', '2026-04-05', 'eleven hours ahead'],
    ['Australia/Lord_Howe', '2026-04-05T13:29:59.999Z', '2026-04-05', 'half an hour less'],
    ['Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29', 'a date is left out'],
    ['Pacific/Apia', '2011-12-30T10:00Z', '2011-12-31', 'a date is left out'],
    ['America/Sao_Paulo', '2018-02-18T01:59:59.999Z', '2018-02-17', 'clocks went back at midnight'],
    ['America/Sao_Paulo', '2018-02-18T02:59:59.999Z', '2018-02-17', 'the hour that came twice'],
    ['America/St_Johns', '2010-11-07T02:30:30Z', '2010-11-06', 'a minute of a date that was taken back'],
    ['America/St_Johns', '2010-11-07T03:29:59.999Z', '2010-11-06', 'the hour after it'],
    ['America/St_Johns', '2010-11-07T03:30Z', '2010-11-07', 'the date comes again'],
    ['Africa/Monrovia', '1971-12-31T00:44:29.999Z', '1971-12-30', 'an offset of 44 minutes 30 seconds'],
    ['Africa/Monrovia', '1971-12-31T00:44:30Z', '1971-12-31', 'an offset of 44 minutes 30 seconds'],
  ] as const) {
    test(`in ${zone} at ${time} is ${date}: ${why}`, () => {
      assert.equal(dayName(civilDays(zone)(Date.parse(time))), date);
    });
  }

  test('is the one that Intl tells, all around each change of the clocks', () => {
    for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia']) {
      const format = new Intl.DateTimeFormat('sv-SE', {timeZone: zone});
      const dayOf = civilDays(zone);
      const minutes = fc.integer({min: Date.UTC(2010, 0, 1) / MINUTE, max: Date.UTC(2030, 0, 1) / MINUTE});
      fc.assert(
        fc.property(minutes, fc.constantFrom(-1, 0, 1), (minute, more) => {
          const timeMs = minute * MINUTE + more;
          assert.equal(dayName(dayOf(timeMs)), format.format(timeMs));
        }),
      );
    }
  });

  for (const [zone, around] of [
    ['America/St_Johns', '2010-11-07'], // back over midnight at 00:01
    ['America/St_Johns', '2011-03-13'],
    ['America/Sao_Paulo', '2018-02-18'], // back at midnight
    ['America/Havana', '2026-11-01'], // back at 01:00
    ['Atlantic/Azores', '2026-10-25'],
    ['Pacific/Apia', '2011-12-30'],
    ['Pacific/Kwajalein', '1993-08-21'],
  ] as const) {
    test(`never goes back in ${zone} around ${around}`, () => {
      const dayOf = civilDays(zone);
      const start = Date.parse(around) - DAY;
      for (let timeMs = start; timeMs < start + 3 * DAY; timeMs += MINUTE / 2) {
        assert.ok(dayOf(timeMs) >= dayOf(timeMs - MINUTE / 2), new Date(timeMs).toISOString());
      }
    });
  }
});

describe('a zone', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5']) {
    test(`${name} is known`, () => checkZone(name));
  }

  for (const [name, hint] of [
    ['Europe/Berln', 'did you mean Europe/Berlin?'],
    ['utf', 'did you mean UTC?'],
    ['', 'UTC, or a name such as Europe/Berlin'],
    ['+01:00', 'UTC, or a name such as Europe/Berlin'],
    ['the moon, dark side', 'UTC, or a name such as Europe/Berlin'],
  ] as const) {
    test(`${JSON.stringify(name)} is none`, () => {
      const message = `${JSON.stringify(name)} is no time zone`;
      assert.throws(() => checkZone(name), {name: 'UsageError', code: 'UnknownZone', message, hint});
    });
  }
});

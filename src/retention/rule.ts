/** A policy compiled to rules, each of which keeps the newest backup of some consecutive periods. */

import {formatDuration} from '../duration.ts';
import {dayName, minuteName, monthName, monthOf, quarterName, weekName, weekOf} from './calendar.ts';
import {type Policy, TIERS, type Tier} from './policy.ts';
import {civilDays} from './zone.ts';

/** Keeps the newest member of each of the last `count` periods, of which the last is that of the newest backup. */
export interface Rule {
  readonly name: string;
  readonly count: number;
  /** What it keeps in words: `7 days`. */
  readonly span: string;
  /** The number of the period an instant lies in; neighbours have neighbouring numbers, a later one no smaller. */
  readonly periodOf: (timeMs: number) => number;
  /** A period in words: `week 2026-W46`. */
  readonly periodName: (period: number) => string;
}

/** The times of the newest and the oldest backup of a lineage. */
export interface History {
  readonly newestMs: number;
  readonly oldestMs: number;
}

/** Makes the rules of a policy for a history; those that no history changes are made once. */
export function ruleMaker(zone: string): (policy: Policy, history: History) => readonly Rule[] {
  const calendar = calendarRules(civilDays(zone));
  const made = new Map<Policy, readonly Rule[]>();
  return (policy, history) => {
    if (policy.kind === 'exponential') return exponentialRules(policy.base, policy.unitMs, history);
    const known = made.get(policy);
    if (known) return known;
    const rules = TIERS.filter((tier) => policy.counts[tier] > 0).map((tier) => ({
      ...calendar[tier],
      name: tier,
      count: policy.counts[tier],
      span: amount(policy.counts[tier], calendar[tier].unit),
    }));
    made.set(policy, rules);
    return rules;
  };
}

/** Whether a rule asks for periods before the oldest backup there is. */
export function reachesBeyond(rule: Rule, {newestMs, oldestMs}: History): boolean {
  return firstPeriod(rule, newestMs) < rule.periodOf(oldestMs);
}

/** The oldest period that a rule keeps something of. */
export function firstPeriod(rule: Rule, newestMs: number): number {
  return rule.periodOf(newestMs) - rule.count + 1;
}

interface Calendar extends Pick<Rule, 'periodOf' | 'periodName'> {
  readonly unit: string;
}

const HOUR_MS = 3_600_000;

function calendarRules(dayOf: (timeMs: number) => number): Readonly<Record<Tier, Calendar>> {
  return {
    // Hours are those of UTC in every zone: an hour that clocks repeat holds two.
    hourly: {
      unit: 'hour',
      periodOf: (timeMs) => Math.floor(timeMs / HOUR_MS),
      periodName: (hour) => `hour ${minuteName(hour * HOUR_MS)}`,
    },
    daily: {unit: 'day', periodOf: dayOf, periodName: (day) => `day ${dayName(day)}`},
    weekly: {
      unit: 'week',
      periodOf: (timeMs) => weekOf(dayOf(timeMs)),
      periodName: (week) => `week ${weekName(week)}`,
    },
    monthly: {
      unit: 'month',
      periodOf: (timeMs) => monthOf(dayOf(timeMs)),
      periodName: (month) => `month ${monthName(month)}`,
    },
    quarterly: {
      unit: 'quarter',
      periodOf: (timeMs) => Math.floor(monthOf(dayOf(timeMs)) / 3),
      periodName: (quarter) => `quarter ${quarterName(quarter)}`,
    },
    yearly: {
      unit: 'year',
      periodOf: (timeMs) => Math.floor(monthOf(dayOf(timeMs)) / 12),
      periodName: (year) => `year ${year}`,
    },
  };
}

/** As far from 1970 as a Date can be, so that an exponential policy has an end. */
const ENDLESS_MS = 8.64e15;

/** Lengths of periods grow until they reach back beyond the oldest; longer ones would keep nothing more. */
function exponentialRules(base: number, unitMs: number, history: History): readonly Rule[] {
  const rules: Rule[] = [];
  for (let lengthMs = unitMs; lengthMs < ENDLESS_MS; lengthMs *= base) {
    const rule = exponentialRule(base, lengthMs);
    rules.push(rule);
    if (reachesBeyond(rule, history)) break;
  }
  return rules;
}

function exponentialRule(base: number, lengthMs: number): Rule {
  const length = formatDuration(lengthMs);
  return {
    name: 'exponential',
    count: base,
    span: `${base} periods of ${length}`,
    periodOf: (timeMs) => Math.floor(timeMs / lengthMs),
    periodName: (period) => `the ${length} from ${minuteName(period * lengthMs)}`,
  };
}

function amount(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** How much of a history is kept: counts for calendar tiers, or periods that grow exponentially. */
import {formatDuration, parseDuration} from '../duration.ts';
import {UsageError} from '../errors.ts';
import {nearestName} from '../nearest.ts';

export const TIERS = ['hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;
export type Tier = (typeof TIERS)[number];

/** For each tier, of how many periods the newest backup is kept; 0 switches a tier off. */
export type TierCounts = Readonly<Record<Tier, number>>;

export type Policy =
  | {readonly kind: 'tiers'; readonly counts: TierCounts}
  /** The newest of `base` periods of each of the lengths unit, unit * base, unit * base^2, ... */
  | {readonly kind: 'exponential'; readonly base: number; readonly unitMs: number};

export const DEFAULT_COUNTS: TierCounts = {
  hourly: 24,
  daily: 7,
  weekly: 4,
  monthly: 12,
  quarterly: 4,
  yearly: 10,
};

const FORMS = '`daily=7,weekly=4` or `exponential:base=2,unit=1h`';
const EXPONENTIAL = /^exponential:(.*)$/s;
const MAX_BASE = 100;

/** Whether it keeps nothing of its own accord, so that there is nothing to trim by. */
export function isEmpty(policy: Policy): boolean {
  return policy.kind === 'tiers' && TIERS.every((tier) => policy.counts[tier] === 0);
}

/**
 * Reads `daily=14,weekly=8` (tiers that are not named keep nothing) or `exponential:base=2,unit=1h`.
 *
 * @throws UsageError BadPolicy
 */
export function parsePolicy(text: string): Policy {
  const exponential = EXPONENTIAL.exec(text.trim())?.[1];
  if (exponential === undefined) return {kind: 'tiers', counts: readCounts(text)};
  const {base = '', unit = ''} = readPairs(text, exponential, ['base', 'unit']);
  return {kind: 'exponential', base: readBase(text, base), unitMs: readUnit(text, unit)};
}

/** The shortest text that `parsePolicy` reads back as the same policy. */
export function policyText(policy: Policy): string {
  if (policy.kind === 'exponential') {
    return `exponential:base=${policy.base},unit=${formatDuration(policy.unitMs)}`;
  }
  const named = TIERS.filter((tier) => policy.counts[tier] > 0);
  return named.map((tier) => `${tier}=${policy.counts[tier]}`).join(',') || 'daily=0';
}

function readCounts(text: string): TierCounts {
  const pairs = readPairs(text, text, TIERS);
  const counts: Record<Tier, number> = {hourly: 0, daily: 0, weekly: 0, monthly: 0, quarterly: 0, yearly: 0};
  for (const tier of TIERS) {
    const count = pairs[tier] ?? '0';
    if (!/^\d{1,6}$/.test(count)) throw bad(text, `${tier} is no whole number from 0 to 999999`);
    counts[tier] = Number(count);
  }
  return counts;
}

function readBase(text: string, base: string): number {
  if (/^\d{1,3}$/.test(base) && Number(base) >= 2 && Number(base) <= MAX_BASE) return Number(base);
  throw bad(text, `base is no whole number from 2 to ${MAX_BASE}`);
}

function readUnit(text: string, unit: string): number {
  const unitMs = parseDuration(unit);
  if (unitMs !== undefined && unitMs >= 1000 && Number.isSafeInteger(unitMs)) return unitMs;
  throw bad(text, 'unit is no duration of a second or more, such as 1h');
}

function readPairs<Key extends string>(
  text: string,
  list: string,
  keys: readonly Key[],
): Partial<Record<Key, string>> {
  const pairs: Partial<Record<Key, string>> = {};
  for (const pair of list.trim().split(/[\s,]+/)) {
    const [name = '', value, ...rest] = pair.split('=');
    const key = keys.find((known) => known === name);
    if (value === undefined || rest.length > 0) throw bad(text, `${JSON.stringify(pair)} is not name=value`);
    if (key === undefined) {
      throw bad(text, `${JSON.stringify(name)} is none of ${keys.join(', ')}`, nearestName(name, keys));
    }
    if (pairs[key] !== undefined) throw bad(text, `${name} stands twice`);
    pairs[key] = value;
  }
  return pairs;
}

function bad(text: string, why: string, nearest?: string): UsageError {
  const hint = nearest === undefined ? `a policy is ${FORMS}` : `did you mean ${nearest}?`;
  return new UsageError('BadPolicy', `${JSON.stringify(text)} is no retention policy: ${why}`, {hint});
}

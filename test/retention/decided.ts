/** Backups and policies in few words, and what is decided about them. */
import {decide, type Item, type Rules} from '../../src/retention/decide.ts';
import {type Policy, parsePolicy} from '../../src/retention/policy.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A completed backup of ours, named after its time unless said otherwise. */
export function backup(time: string, more: Partial<Item> = {}): Item {
  return {id: `snap-${time}`, lineage: 'vol-1', timeMs: Date.parse(time), isBackup: true, holds: [], ...more};
}

/** One backup each `stepMs`, the last at `end`. */
export function series(end: string, count: number, stepMs: number, more: Partial<Item> = {}): Item[] {
  const last = Date.parse(end);
  return Array.from({length: count}, (_, index) =>
    backup(new Date(last - (count - 1 - index) * stepMs).toISOString(), more),
  );
}

/** Rules by the text of a policy, with nothing kept beside it but the newest. */
export function rulesBy(policy: string | Policy, more: Partial<Rules> = {}): Rules {
  const read = typeof policy === 'string' ? parsePolicy(policy) : policy;
  const nowMs = Date.parse('2026-11-21T15:00Z');
  return {nowMs, zone: 'UTC', minKeep: 1, minAgeMs: 0, policyOf: () => read, ...more};
}

/** In the order of the items. */
export function keptIds(items: readonly Item[], rules: Rules): string[] {
  return idsOf('keep', items, rules);
}

/** In the order of the items. */
export function deletedIds(items: readonly Item[], rules: Rules): string[] {
  return idsOf('delete', items, rules);
}

/** What is left when the deletes are done. */
export function trimmed(items: readonly Item[], rules: Rules): Item[] {
  return decide(items, rules)
    .filter(({verdict}) => verdict === 'keep')
    .map(({item}) => item);
}

function idsOf(wanted: 'keep' | 'delete', items: readonly Item[], rules: Rules): string[] {
  return decide(items, rules)
    .filter(({verdict}) => verdict === wanted)
    .map(({item}) => item.id);
}

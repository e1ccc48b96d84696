/** Plans to be shown, made up of a few words. */
import type {Region, SnapshotId} from '../../../../src/ec2/ids.ts';
import type {LineagePlan, PlannedSnapshot, RegionPlan, TrimPlan} from '../../../../src/snapshot/trim/plan.ts';

export const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

let ids = 0;

/** A snapshot of some age, kept unless said otherwise. */
export function snapshot(ageMs: number, more: Partial<PlannedSnapshot> = {}): PlannedSnapshot {
  ids += 1;
  return {
    id: `snap-${String(ids).padStart(17, '0')}` as SnapshotId,
    timeMs: NOW_MS - ageMs,
    state: 'completed',
    sizeGiB: 8,
    verdict: 'keep',
    reasons: ['newest of day 2026-11-20'],
    isHeld: false,
    ...more,
  };
}

/** A volume with these snapshots. */
export function lineage(snapshots: readonly PlannedSnapshot[], more: Partial<LineagePlan> = {}): LineagePlan {
  return {
    volume: 'vol-0123456789abcdef0',
    name: 'db1',
    device: '/dev/sdf',
    bornIn: 'eu-west-1' as Region,
    isReplica: false,
    policy: 'daily=7',
    snapshots: [...snapshots].sort((a, b) => a.timeMs - b.timeMs),
    ...more,
  };
}

/** One region. */
export function region(lineages: readonly LineagePlan[], more: Partial<RegionPlan> = {}): RegionPlan {
  return {region: 'eu-west-1' as Region, lineages, others: [], ...more};
}

/** A plan of regions. */
export function plan(...regions: readonly RegionPlan[]): TrimPlan {
  return {
    account: '123456789012',
    createdAt: new Date(NOW_MS).toISOString(),
    settings: {
      defaultPolicy: 'daily=7',
      counts: {},
      policies: {},
      policyTag: 'ftask:retention',
      timeZone: 'UTC',
      minKeep: 3,
      minAgeMs: HOUR_MS,
      maxDeletePercent: 50,
    },
    regions,
  };
}

/** Plans and snapshots that tests of trimming are made of. */
import type {Region, SnapshotId} from '../../../src/ec2/ids.ts';
import type {OwnSnapshot} from '../../../src/ec2/snapshots/own-snapshots.ts';
import type {LineagePlan, PlannedSnapshot, TrimPlan} from '../../../src/snapshot/trim/plan.ts';
import type {TrimSettings} from '../../../src/snapshot/trim/settings.ts';

export const EU = 'eu-west-1' as Region;
export const NOW = Date.parse('2026-11-21T12:00:00Z');
const DAY_MS = 86_400_000;

/** The settings of a trim that nobody has configured. */
export const SETTINGS: TrimSettings = {
  defaultPolicy: 'hourly=24,daily=7,weekly=4,monthly=12,quarterly=4,yearly=10',
  counts: {},
  policies: {},
  policyTag: 'ftask:retention',
  timeZone: 'UTC',
  minKeep: 3,
  minAgeMs: 3_600_000,
  maxDeletePercent: 50,
};

/** A completed snapshot of ftask's own, as AWS lists it; `own` takes the place of its parts. */
export function listed(id: string, own: Partial<OwnSnapshot> = {}): OwnSnapshot {
  return {
    id: id as SnapshotId,
    state: 'completed',
    progress: '100%',
    sizeGiB: 8,
    owner: '123456789012',
    description: '',
    startedMs: NOW - 20 * DAY_MS,
    tags: {'ftask:volume': 'vol-1', 'ftask:time': '2026-11-01T00:00:00Z'},
    origin: {volume: 'vol-1', region: EU, timeMs: NOW - 20 * DAY_MS},
    isArchived: false,
    isEncrypted: false,
    isCopy: false,
    hasFabfileDescription: false,
    ...own,
  };
}

/** A snapshot in a plan that is kept; `own` takes the place of its parts. */
export function planned(id: string, own: Partial<PlannedSnapshot> = {}): PlannedSnapshot {
  return {
    id: id as SnapshotId,
    timeMs: NOW - DAY_MS,
    state: 'completed',
    sizeGiB: 8,
    verdict: 'keep',
    reasons: ['newest of day 2026-11-20'],
    isHeld: false,
    ...own,
  };
}

/** The snapshots of a volume of its own, in eu-west-1. */
export function lineageOf(...snapshots: readonly PlannedSnapshot[]): LineagePlan {
  return {volume: 'vol-1', bornIn: EU, isReplica: false, policy: 'daily=7', snapshots};
}

/** A plan of eu-west-1. */
export function planWith(lineages: readonly LineagePlan[], own: Partial<TrimPlan> = {}): TrimPlan {
  return {
    account: '123456789012',
    createdAt: new Date(NOW).toISOString(),
    settings: SETTINGS,
    regions: [{region: EU, lineages, others: []}],
    ...own,
  };
}

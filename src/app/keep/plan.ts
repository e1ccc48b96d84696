/** Which snapshots of an application are kept and which are not, by the rules of retention. Pure. */
import {FtaskError} from '../../errors.ts';
import {decide} from '../../retention/decide.ts';
import type {Policy} from '../../retention/policy.ts';
import {reasonText} from '../../retention/reason.ts';
import type {Keep} from '../application.ts';
import type {ListedSnapshot} from './listing.ts';

export interface Judged {
  readonly snapshot: ListedSnapshot;
  /** In words: for one that goes, of every rule why it does not keep it. */
  readonly reasons: readonly string[];
}

export interface KeepPlan {
  readonly kept: readonly Judged[];
  readonly removed: readonly Judged[];
}

export interface Planning {
  readonly policy: Policy;
  readonly keep: Pick<Keep, 'zone' | 'minKeep' | 'minAgeMs'>;
  readonly nowMs: number;
  /** The snapshot that was proved to be whole just now: it stays, whatever the others are dated. */
  readonly proved: string;
}

/** Judges each prefix by itself. */
export function planKeep(snapshots: readonly ListedSnapshot[], planning: Planning): KeepPlan {
  const {policy, nowMs, proved} = planning;
  const {zone, minKeep, minAgeMs} = planning.keep;
  const items = snapshots.map(({name, prefix, timeMs, pin}) => ({
    id: name,
    lineage: prefix,
    timeMs,
    isBackup: true,
    holds: [...(name === proved ? ['it is this backup'] : []), ...(pin === undefined ? [] : [pinned(pin)])],
  }));
  const [kept, removed]: [Judged[], Judged[]] = [[], []];
  const decisions = decide(items, {nowMs, zone, minKeep, minAgeMs, policyOf: () => policy});
  decisions.forEach(({verdict, reasons}, index) => {
    const snapshot = snapshots[index];
    const judged = verdict === 'keep' ? kept : removed;
    if (snapshot) judged.push({snapshot, reasons: reasons.map(reasonText)});
  });
  return {kept, removed};
}

/** @throws FtaskError `TooManyRemovals` when a plan is too good at it to be what anybody wants */
export function guardPlan(
  {kept, removed}: KeepPlan,
  {shown, rules}: {readonly shown: string; readonly rules: Pick<Keep, 'maxDeletePercent'>},
): void {
  const [all, most] = [kept.length + removed.length, rules.maxDeletePercent];
  if (removed.length * 100 <= all * most) return;
  throw new FtaskError(
    'TooManyRemovals',
    `${removed.length} of the ${all} snapshots in ${shown} would be removed, more than ${most} percent; all stay`,
    {hint: 'look at a dry run; retention.max_delete_percent raises the limit'},
  );
}

function pinned(why: string): string {
  return why === '' ? 'pinned' : `pinned: ${why}`;
}

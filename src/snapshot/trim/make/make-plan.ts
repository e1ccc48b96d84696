/** Makes the plan of a trim: lists all regions side by side, decides, and looks at what would go once more. */
import {ClockError} from '../../../ec2/errors.ts';
import {FtaskError} from '../../../errors.ts';
import {checkZone} from '../../../retention/zone.ts';
import type {ItemFailure} from '../../../runner/outcome.ts';
import {counted} from '../../../words.ts';
import {copiesUnderWay} from '../gather/copies.ts';
import {gatherRegion, type RegionFacts} from '../gather/gather-region.ts';
import type {Look} from '../gather/look.ts';
import {sharesOf} from '../gather/shares.ts';
import {nothingUntold} from '../gather/untold.ts';
import type {TrimPlan} from '../plan.ts';
import type {TrimRequest} from '../request.ts';
import {candidatesOf} from '../rows.ts';
import {type PlannedRegion, type Planning, planRegion} from './plan-region.ts';
import {policyChooser} from './policies.ts';

export interface MadePlan {
  readonly plan: TrimPlan;
  /** Regions that could not be listed, lineages whose policy cannot be read. */
  readonly failures: readonly ItemFailure[];
}

/**
 * Plans; changes nothing.
 * @throws UsageError on settings that cannot be read
 * @throws RefusedError on a policy that keeps nothing
 * @throws ClockError as soon as a clock is wrong, in whatever region
 */
export async function makePlan(look: Look, request: TrimRequest): Promise<MadePlan> {
  const {settings, regions} = request;
  checkZone(settings.timeZone);
  const nowMs = look.ec2.clock.now();
  const planning = {settings, nowMs, policyOf: policyChooser(settings)};
  const untold = nothingUntold();
  const copies = await copiesUnderWay(look, request.copyRegions, untold);
  const failures: ItemFailure[] = [];
  const group = look.progress.group('listing');
  group.expect(regions.length);
  const made = await Promise.all(
    regions.map(async (region) => {
      try {
        const facts = await gatherRegion(look, region, {copies, untold});
        const planned = await planWithShares(look, facts, planning, (text) => group.say(text));
        group.done(region, counted(facts.snapshots.length, 'snapshot'));
        return [{facts, ...planned}];
      } catch (error) {
        if (!(error instanceof FtaskError) || error instanceof ClockError || look.signal.aborted) throw error;
        group.fail(region, error.message);
        failures.push({item: region, error});
        return [];
      }
    }),
  ).finally(() => {
    group.say('');
    group.close();
  });
  untold.tell(look.progress);
  const planned = made.flat();
  for (const {plan, unreadable} of planned) {
    failures.push(...unreadable.map(({volume, error}) => ({item: volume, where: plan.region, error})));
  }
  const plan = {
    account: accountOf(planned.map(({facts}) => facts)),
    createdAt: new Date(nowMs).toISOString(),
    settings,
    regions: planned.map(({plan}) => plan),
  };
  return {plan, failures};
}

/** A share holds what is shared and its set, and never lets go of anything: one more look is enough. */
async function planWithShares(
  look: Look,
  facts: RegionFacts,
  planning: Planning,
  say: (text: string) => void,
): Promise<PlannedRegion> {
  const first = planRegion(facts, planning);
  const ids = candidatesOf({regions: [first.plan]}).map(({snapshot}) => snapshot.id);
  if (ids.length === 0) return first;
  say(`asking who else may use ${counted(ids.length, 'snapshot')} in ${facts.region}`);
  const shared = await sharesOf(look, facts.region, ids);
  if (shared.size === 0) return first;
  return planRegion({...facts, uses: {...facts.uses, sharedWith: shared}}, planning);
}

/** Some endpoints list public snapshots, too: those that are ours tell better. */
function accountOf(facts: readonly RegionFacts[]): string {
  const snapshots = facts.flatMap(({snapshots}) => snapshots);
  const ours = snapshots.find(({tags}) => 'ftask:time' in tags);
  return (ours ?? snapshots[0])?.owner ?? '';
}

/** `ftask trim_snapshots` */
import type {Context} from '../../context/context.ts';
import type {Ec2} from '../../ec2/client.ts';
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import {chooseRegions} from '../../ec2/regions.ts';
import {RefusedError} from '../../errors.ts';
import {defineTask} from '../../runner/task.ts';
import {explainSnapshot} from '../../snapshot/trim/explain.ts';
import {readPlan} from '../../snapshot/trim/plan-file/read.ts';
import {refuseWrongClock} from '../../snapshot/trim/refuse-wrong-clock.ts';
import type {TrimmedSnapshot, TrimRequest} from '../../snapshot/trim/request.ts';
import {trimSnapshots} from '../../snapshot/trim/trim.ts';
import {settingsOf, type TrimOptions, trimOptions} from './trim-options.ts';

export const trim_snapshots = defineTask({
  summary: 'Delete old snapshots logarithmically back in time.',
  description: `Of each volume and region it keeps the newest snapshot of each of the last hours, days, weeks, months, quarters and
years, and deletes the others. Only snapshots that ftask or django_fabfile made are judged; what is pinned
(ftask:pin), locked, shared, in use by an image or being copied stays, and so do all volumes of one backup together.
What it deletes goes into the journal first. To look at a plan before it is carried out:
  ftask trim_snapshots --plan trim.json && less trim.json && ftask trim_snapshots --apply trim.json`,
  section: 'Retention',
  options: trimOptions,
  output: {
    id: ({snapshotId}: TrimmedSnapshot) => snapshotId,
    columns: ['snapshotId', 'region', 'age', 'sizeGiB', 'why', 'state', 'volumeId', 'time'],
    mostRows: 10,
  },
  onlyTells: ({plan, explain}) => plan !== undefined || explain !== undefined,
  run: async (given, context: Context) =>
    refuseWrongClock(async () => {
      const ec2 = await context.ec2();
      const request = await requestOf(given, context, ec2);
      const tools = {run: context, ec2, journal: context.journal};
      if (given.explain === undefined) return trimSnapshots(tools, request);
      return [await explainSnapshot(tools, request, given.explain as SnapshotId)];
    }),
});

async function requestOf(given: TrimOptions, context: Context, ec2: Ec2): Promise<TrimRequest> {
  const {config, signal} = context;
  const allowed = config.aws.regions;
  const agreedOn = given.apply === undefined ? undefined : await readPlan(given.apply, ec2.clock.now());
  const wanted = given.region === undefined ? [] : [given.region];
  const [chosen, copyRegions] = await Promise.all([
    chooseRegions(ec2, {wanted, allowed}, signal),
    chooseRegions(ec2, {allowed}, signal),
  ]);
  const settings = agreedOn?.settings ?? settingsOf(given, context);
  return {
    regions: agreedOn ? regionsOf(agreedOn, chosen, given.region) : chosen,
    copyRegions,
    settings,
    dryRun: context.dryRun,
    ...(given.plan !== undefined && {planFile: given.plan}),
    ...(agreedOn && {agreedOn}),
  };
}

/** A plan is for its own regions: of several, --region chooses some. @throws RefusedError on any other region */
function regionsOf(
  {regions}: NonNullable<TrimRequest['agreedOn']>,
  chosen: readonly Region[],
  wanted: string | undefined,
): Region[] {
  const planned = regions.map(({region}) => region);
  if (planned.length === 0) {
    throw new RefusedError(
      'PlanRefused',
      'the plan is for no region: none could be listed when it was made',
      {
        hint: 'Make a new one.',
      },
    );
  }
  const strange =
    wanted === undefined
      ? planned.filter((region) => !chosen.includes(region))
      : chosen.filter((region) => !planned.includes(region));
  if (strange.length === 0) return planned.filter((region) => chosen.includes(region));
  const message =
    wanted === undefined
      ? `the plan is for ${strange.join(', ')}, where ftask does not work now`
      : `the plan is for ${planned.join(', ')}, not for ${strange.join(', ')}`;
  throw new RefusedError('PlanRefused', message, {hint: 'Make a new plan for the regions you mean.'});
}

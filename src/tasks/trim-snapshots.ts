/** `ftask trim_snapshots` */
import {z} from 'zod';
import type {Context} from '../context/context.ts';
import {chooseRegions} from '../ec2/regions.ts';
import {policyText, TIERS} from '../retention/policy.ts';
import {duration, flag, regions} from '../runner/option.ts';
import {defineTask} from '../runner/task.ts';
import type {TrimmedSnapshot} from '../snapshot/trim/request.ts';
import type {TrimSettings} from '../snapshot/trim/settings.ts';
import {trimSnapshots} from '../snapshot/trim/trim.ts';

const count = (what: string) =>
  z.number().int().min(0).max(999_999).optional().describe(`So many ${what}; as the policy says by default.`);

const options = z.object({
  region: regions('Regions whose names begin so, as eu; all enabled ones by default.'),
  dryRun: flag('Show what would be deleted; change nothing.'),
  policy: z
    .string()
    .min(1)
    .optional()
    .describe(
      'For all volumes, whatever their tags say: a name from the configuration, or daily=14,weekly=8.',
    ),
  hourly: count('hours'),
  daily: count('days'),
  weekly: count('weeks'),
  monthly: count('months'),
  quarterly: count('quarters'),
  yearly: count('years'),
  timeZone: z
    .string()
    .min(1)
    .optional()
    .describe('Where days begin; retention.time_zone of the configuration.'),
  minKeep: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Newest snapshots of each volume that are kept in any case; 3 unless configured.'),
  minAge: duration('Delete nothing that is younger; 1h unless configured.').optional(),
  maxDeletePercent: z
    .number()
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe('Delete nothing at all if it would be a larger part of a region; 50 unless configured.'),
  allTags: flag(
    'Also judge snapshots of other makers that carry the configured tag (tag.name and tag.value).',
  ),
});

type Options = z.output<typeof options>;

export const trim_snapshots = defineTask({
  summary: 'Delete old snapshots logarithmically back in time.',
  section: 'Backup',
  options,
  output: {
    id: ({snapshotId}: TrimmedSnapshot) => snapshotId,
    columns: ['snapshotId', 'volumeId', 'region', 'time', 'age', 'sizeGiB', 'state', 'why'],
  },
  run: async (given, context: Context) => {
    const settings = settingsOf(given, context);
    const {config, signal} = context;
    const ec2 = await context.ec2();
    const wanted = given.region === undefined ? [] : [given.region];
    const allowed = config.aws.regions;
    const all = await chooseRegions(ec2, {allowed}, signal);
    const chosen = await chooseRegions(ec2, {wanted, allowed}, signal);
    return trimSnapshots(context, ec2, {regions: chosen, copyRegions: all, settings, dryRun: context.dryRun});
  },
});

/** An option, else the configuration. */
function settingsOf(given: Options, {config}: Context): TrimSettings {
  const {retention, tag} = config;
  const counts = Object.fromEntries(
    TIERS.flatMap((tier) => (given[tier] === undefined ? [] : [[tier, given[tier]]])),
  );
  return {
    defaultPolicy: policyText({kind: 'tiers', counts: retention}),
    ...(given.policy !== undefined && {policy: given.policy}),
    counts,
    policies: retention.policies,
    policyTag: retention.tag,
    timeZone: given.timeZone ?? retention.time_zone,
    minKeep: given.minKeep ?? retention.min_keep,
    minAgeMs: given.minAge ?? retention.min_age,
    maxDeletePercent: given.maxDeletePercent ?? retention.max_delete_percent,
    ...(given.allTags && {tag: {name: tag.name, value: tag.value}}),
  };
}

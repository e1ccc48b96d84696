/** The options of `trim_snapshots`, and how they and the configuration become settings. */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {isSnapshotId} from '../../ec2/ids.ts';
import {policyText, TIERS} from '../../retention/policy.ts';
import {duration, flag, regions} from '../../runner/option.ts';
import type {TrimSettings} from '../../snapshot/trim/settings.ts';

const MOST = 999_999;

function count(periods: string) {
  return z.int().min(0).max(MOST).optional().describe(`Keep the newest of each of so many ${periods}.`);
}

const file = z.string().min(1).optional().meta({placeholder: 'FILE'});

/** By what is decided: not to be changed any more when a plan is applied. */
const deciding = {
  policy: z
    .string()
    .min(1)
    .optional()
    .describe('For all volumes, whatever their tags say: a configured name, daily=14,weekly=8 or the like.'),
  hourly: count('hours'),
  daily: count('days'),
  weekly: count('weeks'),
  monthly: count('months'),
  quarterly: count('quarters'),
  yearly: count('years'),
  timeZone: z.string().min(1).optional().describe('Where days begin; UTC unless configured.'),
  minKeep: z
    .int()
    .min(1)
    .max(MOST)
    .optional()
    .describe('So many of the newest of each volume are kept in any case; 3 unless configured.'),
  minAge: duration('Nothing that is younger is deleted; 1h unless configured.').optional(),
  maxDeletePercent: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe('Refuse to delete a larger part of the snapshots of a region; 50 unless configured.'),
  allTags: flag('Judge snapshots of other makers, too, that carry the configured tag (tag.name, tag.value).'),
};

export const trimOptions = z
  .object({
    region: regions('Regions whose names begin so, as eu; all enabled ones by default.'),
    dryRun: flag('Show what would be deleted; change nothing.'),
    ...deciding,
    plan: file.describe('Write the plan to this file; change nothing.'),
    apply: file.describe(
      'Carry out the plan in this file: delete what it deletes and what a new plan still would.',
    ),
    explain: z
      .string()
      .refine(isSnapshotId, 'not a snapshot id, such as snap-0123456789abcdef0')
      .optional()
      .describe('Tell every reason to keep this snapshot, or to delete it; change nothing.')
      .meta({placeholder: 'SNAPSHOT'}),
  })
  .superRefine((given, context) => {
    const problem = conflictIn(given);
    if (problem !== undefined) context.addIssue({code: 'custom', message: problem});
  });

export type TrimOptions = z.output<typeof trimOptions>;

/** An option, else the configuration. */
export function settingsOf(given: TrimOptions, {config}: Pick<Context, 'config'>): TrimSettings {
  const {retention, tag} = config;
  const counts = TIERS.flatMap((tier) => (given[tier] === undefined ? [] : [[tier, given[tier]] as const]));
  return {
    defaultPolicy: policyText({kind: 'tiers', counts: retention}),
    ...(given.policy !== undefined && {policy: given.policy}),
    counts: Object.fromEntries(counts),
    policies: retention.policies,
    policyTag: retention.tag,
    timeZone: given.timeZone ?? retention.time_zone,
    minKeep: given.minKeep ?? retention.min_keep,
    minAgeMs: given.minAge ?? retention.min_age,
    maxDeletePercent: given.maxDeletePercent ?? retention.max_delete_percent,
    ...(given.allTags && {tag: {name: tag.name, value: tag.value}}),
  };
}

function conflictIn(given: Readonly<Record<string, unknown>>): string | undefined {
  const isGiven = (name: string) => given[name] !== undefined && given[name] !== false;
  const ways = ['plan', 'apply', 'explain'].filter(isGiven);
  if (ways.length > 1) return `give either --${ways[0]} or --${ways[1]}, not both`;
  const idle = isGiven('apply') ? Object.keys(deciding).find(isGiven) : undefined;
  if (idle === undefined) return undefined;
  return `--${idle.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is not for --apply: the plan says it already`;
}

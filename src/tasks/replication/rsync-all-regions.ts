/** `ftask rsync_all_regions` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {chooseRegions} from '../../ec2/regions.ts';
import {UsageError} from '../../errors.ts';
import {replicateAll} from '../../replica/replicate-all.ts';
import {flag} from '../../runner/option.ts';
import {defineTask} from '../../runner/task.ts';
import {
  commonOptions,
  emptyOption,
  methodOptions,
  regionOption,
  replicationOutput,
  tagOptions,
} from './options.ts';
import {refuseSame, regionNamed, tagOf, withReplication} from './tools.ts';

const options = z.object({
  primaryBackupRegion: regionOption(
    'The region that gets those of all others; replication.primary_region by default.',
  ).optional(),
  secondaryBackupRegion: regionOption(
    'The region that gets those of the primary one; replication.secondary_region by default.',
  ).optional(),
  forward: flag('The secondary region also gets what the primary one holds of all others.'),
  ...tagOptions,
  ...methodOptions,
  ...commonOptions,
  ...emptyOption,
});

export const rsync_all_regions = defineTask({
  summary: 'Replicate all regions to a primary one, and that one to a secondary.',
  description: `As rsync_region from every other region to the primary one, side by side, and then from the primary one to the
secondary.`,
  section: 'Replication',
  options,
  output: replicationOutput,
  run: async (given, context: Context) => {
    const {config, signal, dryRun} = context;
    const wanted = wantedRegions(given, context);
    const ec2 = await context.ec2();
    const [primary, secondary, regions] = await Promise.all([
      regionNamed(context, ec2, '--primary-backup-region', wanted.primary),
      regionNamed(context, ec2, '--secondary-backup-region', wanted.secondary),
      chooseRegions(ec2, {allowed: config.aws.regions}, signal),
    ]);
    refuseSame(primary, secondary, 'the primary and the secondary region');
    const {forward, allowEmpty} = given;
    const tag = tagOf(given, context);
    return withReplication(context, ec2, {...given, task: 'rsync_all_regions'}, (tools) =>
      replicateAll(tools, {regions, primary, secondary, forward, tag, dryRun, allowEmpty}),
    );
  },
});

/** @throws UsageError when one of them is nowhere named */
function wantedRegions(given: z.output<typeof options>, {config}: Context) {
  const {primary_region, secondary_region} = config.replication;
  const primary = given.primaryBackupRegion ?? primary_region;
  const secondary = given.secondaryBackupRegion ?? secondary_region;
  if (primary !== undefined && secondary !== undefined) return {primary, secondary};
  const which = primary === undefined ? 'primary' : 'secondary';
  throw new UsageError('NoRegion', `no ${which} region is named`, {
    hint: `Give --${which}-backup-region, or set replication.${which}_region in the configuration.`,
  });
}

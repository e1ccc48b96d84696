/** `ftask rsync_region` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {concluded, nothingChosen} from '../../replica/outcome.ts';
import {replicateRegion} from '../../replica/replicate-region.ts';
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

export const rsync_region = defineTask({
  summary: 'Replicate the newest snapshot of every volume of a region to another one.',
  description: `Of each volume the newest complete snapshot that carries the tag, what has waited longest first. What the other region
has already is left, what is being made there is waited for, and what ended in error is made again.
A run that was killed is finished by the next one:
  ftask rsync_region --src-region-name eu-west-1 --dst-region-name eu-central-1 --dry-run`,
  section: 'Replication',
  options: z.object({
    srcRegionName: regionOption('The region of the snapshots.'),
    dstRegionName: regionOption('The region that is to have them.'),
    ...tagOptions,
    nativeOnly: z
      .boolean()
      .default(true)
      .describe('Only what was born in the region, not what was replicated to there.'),
    ...methodOptions,
    ...commonOptions,
    ...emptyOption,
  }),
  output: replicationOutput,
  run: async (given, context: Context) => {
    const ec2 = await context.ec2();
    const [from, to] = await Promise.all([
      regionNamed(context, ec2, '--src-region-name', given.srcRegionName),
      regionNamed(context, ec2, '--dst-region-name', given.dstRegionName),
    ]);
    refuseSame(from, to, '--src-region-name and --dst-region-name');
    const tag = tagOf(given, context);
    const {nativeOnly, allowEmpty} = given;
    return withReplication(context, ec2, {...given, task: 'rsync_region'}, async (tools) => {
      const done = await replicateRegion(tools, {from: [from], to, tag, nativeOnly, dryRun: context.dryRun});
      if (done.matched === 0 && done.failures.length === 0 && !allowEmpty) throw nothingChosen(tag, from);
      return concluded(context, done);
    });
  },
});

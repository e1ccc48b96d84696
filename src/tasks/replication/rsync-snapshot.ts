/** `ftask rsync_snapshot` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {isSnapshotId, type SnapshotId} from '../../ec2/ids.ts';
import {chooseRegions} from '../../ec2/regions.ts';
import {replicateSnapshot} from '../../replica/replicate-snapshot.ts';
import {flag} from '../../runner/option.ts';
import {defineTask} from '../../runner/task.ts';
import {commonOptions, methodOptions, regionOption, replicationOutput} from './options.ts';
import {refuseSame, regionNamed, withReplication} from './tools.ts';

export const rsync_snapshot = defineTask({
  summary: 'Replicate one snapshot to another region.',
  description: `Prints the replica, which carries the tags and the description of its source. When the region has it already, nothing
is made; one that is being made is waited for. While somebody else replicates the same volume to there it is refused.`,
  section: 'Replication',
  options: z.object({
    srcRegionName: regionOption('The region it is in; AWS_REGION by default.').optional(),
    snapshotId: z
      .string()
      .refine(isSnapshotId, 'not a snapshot id, such as snap-0123456789abcdef0')
      .describe('The snapshot.'),
    dstRegionName: regionOption('The region that is to have it.'),
    ...methodOptions,
    srcInst: z
      .string()
      .optional()
      .describe('With --method rsync: the instance to read on; a temporary one by default.'),
    dstInst: z
      .string()
      .optional()
      .describe('With --method rsync: the instance to write on; a temporary one by default.'),
    force: flag('Make a replica though there is one already.'),
    ...commonOptions,
  }),
  output: replicationOutput,
  run: async (given, context: Context) => {
    const {config, signal, dryRun} = context;
    const ec2 = await context.ec2();
    const [from, to, elsewhere] = await Promise.all([
      regionNamed(context, ec2, '--src-region-name', given.srcRegionName),
      regionNamed(context, ec2, '--dst-region-name', given.dstRegionName),
      chooseRegions(ec2, {allowed: config.aws.regions}, signal),
    ]);
    refuseSame(from, to, '--src-region-name and --dst-region-name');
    const request = {
      snapshot: given.snapshotId as SnapshotId,
      from,
      to,
      elsewhere,
      firmTags: [config.tag.name],
      force: given.force,
      dryRun,
    };
    return withReplication(context, ec2, {...given, task: 'rsync_snapshot'}, (tools) =>
      replicateSnapshot(tools, request),
    );
  },
});

/** `ftask backup_instance` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import type {InstanceId} from '../../ec2/ids.ts';
import {isInstanceId} from '../../ec2/ids.ts';
import {chooseRegion} from '../../ec2/regions.ts';
import {region} from '../../runner/option.ts';
import {defineTask} from '../../runner/task.ts';
import {backUp} from '../../snapshot/back-up.ts';
import type {Selection} from '../../snapshot/request.ts';
import {backupOptions, backupOutput, mannerOf} from './options.ts';

const options = z.object({
  region: region('The region, or the unique beginning of its name; AWS_REGION by default.').optional(),
  instanceId: z
    .string()
    .refine(isInstanceId, 'not an instance id, such as i-0123456789abcdef0')
    .optional()
    .describe('The instance.'),
  tagName: z.string().min(1).max(128).optional().describe('Instead of --instance-id: the key of its tag,'),
  tagValue: z.string().max(256).optional().describe("and the tag's value. Only one instance may have it."),
  ...backupOptions,
});

export const backup_instance = defineTask({
  summary: 'Snapshot all volumes of one instance.',
  description: 'All volumes at one point in time. Prints the snapshots, an id a line through a pipe.',
  section: 'Backup',
  options: options.superRefine(({instanceId, tagName, tagValue}, context) => {
    const problem = selectionProblem(instanceId, tagName, tagValue);
    if (problem) context.addIssue({code: 'custom', message: problem});
  }),
  output: backupOutput,
  run: async (given, context: Context) => {
    const manner = mannerOf(given, context);
    const ec2 = await context.ec2();
    const {config, signal} = context;
    const choice = {allowed: config.aws.regions, ...(given.region && {wanted: [given.region] as const})};
    const chosen = await chooseRegion(ec2, choice, signal);
    return backUp(context, ec2, {...manner, regions: [chosen], selection: selectionOf(given)});
  },
});

function selectionProblem(id?: string, tagName?: string, tagValue?: string): string | undefined {
  const byTag = tagName !== undefined || tagValue !== undefined;
  if (id !== undefined && byTag) return 'give either --instance-id or --tag-name and --tag-value, not both';
  if (id !== undefined) return undefined;
  if (!byTag) return 'give --instance-id, or --tag-name and --tag-value of the instance';
  return tagName === undefined || tagValue === undefined
    ? 'give --tag-name and --tag-value together'
    : undefined;
}

function selectionOf({instanceId, tagName, tagValue}: z.output<typeof options>): Selection {
  if (instanceId !== undefined) return {instance: instanceId as InstanceId};
  return {tag: {name: tagName ?? '', value: tagValue ?? ''}, only: 'one'};
}

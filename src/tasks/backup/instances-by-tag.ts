/** `ftask backup_instances_by_tag` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {chooseRegions} from '../../ec2/regions.ts';
import {regions} from '../../runner/option.ts';
import {defineTask} from '../../runner/task.ts';
import {backUp} from '../../snapshot/back-up.ts';
import {backupOptions, backupOutput, mannerOf} from './options.ts';

export const backup_instances_by_tag = defineTask({
  summary: 'Snapshot all volumes of every instance with a tag.',
  description: `Running and stopped instances alike, all volumes of one instance at one point in time. An
instance that fails does not stop the others: the exit code is then 3.`,
  section: 'Backup',
  options: z.object({
    region: regions('Regions whose names begin so, as eu; all enabled ones by default.'),
    tagName: z.string().min(1).max(128).optional().describe("The tag's key; tag.name of the configuration."),
    tagValue: z.string().max(256).optional().describe("The tag's value; tag.value of the configuration."),
    ...backupOptions,
    maxFailures: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Start no further instance after so many failed.'),
  }),
  output: backupOutput,
  run: async (options, context: Context) => {
    const manner = mannerOf(options, context);
    const ec2 = await context.ec2();
    const {config, signal} = context;
    const tag = {name: options.tagName ?? config.tag.name, value: options.tagValue ?? config.tag.value};
    const wanted = options.region === undefined ? [] : [options.region];
    const chosen = await chooseRegions(ec2, {wanted, allowed: config.aws.regions}, signal);
    return backUp(context, ec2, {...manner, regions: chosen, selection: {tag}});
  },
});

/** `ftask app_backup` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {defineTask} from '../../runner/task.ts';
import {applicationNamed, appOption} from './application-named.ts';
import {backUpOnHosts, backupOutput, dryRunOption} from './backup-output.ts';

export const app_backup = defineTask({
  summary: 'Back up an application that the configuration describes.',
  description: `Its databases, folders, files, journals and what programs print become a folder on each host,
ROOT/PREFIX-TIMESTAMP, and an archive beside it, which is brought here. What apps: of ftask.yaml can say is in the
packaged config/ftask.yaml.

  ftask -H app1 app_backup --app shop`,
  section: 'Applications',
  options: z.object({
    ...appOption,
    ...dryRunOption,
  }),
  output: backupOutput,
  run: async ({app}, context: Context) => backUpOnHosts(context, await applicationNamed(context, app)),
});

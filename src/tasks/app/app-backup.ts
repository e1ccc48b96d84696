/** `ftask app_backup` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {defineTask} from '../../runner/task.ts';
import {applicationNamed, appOption} from './application-named.ts';
import {backUpOnHosts, backupOutput, dryRunOption} from './backup-output.ts';
import {keepOptions, withKeep} from './keep-options.ts';

export const app_backup = defineTask({
  summary: 'Back up an application that the configuration describes.',
  description: `Its databases, folders, files, journals and what programs print become a folder on each host,
ROOT/PREFIX-TIMESTAMP, and an archive beside it, which is brought here. What apps: of ftask.yaml can say is in the
packaged config/ftask.yaml.

  ftask -H app1 app_backup --app shop`,
  section: 'Applications',
  options: z.object({
    ...appOption,
    ...keepOptions,
    ...dryRunOption,
  }),
  output: backupOutput,
  run: async ({app, keep, keepLocal}, context: Context) => {
    const {config} = context;
    const application = await applicationNamed(context, app);
    const configured = config.apps[app];
    const wish = {keep: keep ?? configured?.keep, keepLocal: keepLocal ?? configured?.keep_local};
    return backUpOnHosts(context, withKeep(application, wish, config));
  },
});

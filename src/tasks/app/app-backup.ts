/** `ftask app_backup` */
import {z} from 'zod';
import {configuredApplication} from '../../app/configured.ts';
import {readPasswordFile} from '../../config/password-file.ts';
import type {Context} from '../../context/context.ts';
import {defineTask} from '../../runner/task.ts';
import {backUpOnHosts, backupOutput, dryRunOption, localPath} from './backup-output.ts';

export const app_backup = defineTask({
  summary: 'Back up an application that the configuration describes.',
  description: `Its databases, folders, files, journals and what programs print become a folder on each host,
ROOT/PREFIX-TIMESTAMP, and an archive beside it, which is brought here. What apps: of ftask.yaml can say is in the
packaged config/ftask.yaml.

  ftask -H app1 app_backup --app shop`,
  section: 'Applications',
  options: z.object({
    app: z.string().min(1).describe('Its name under apps: in ftask.yaml.').meta({placeholder: 'NAME'}),
    ...dryRunOption,
  }),
  output: backupOutput,
  run: async ({app}, context: Context) => {
    const passwordIn = (file: string) => readPasswordFile(file, `apps.${app}: password_file`);
    const application = await configuredApplication(context.config.apps, app, {localPath, passwordIn});
    return backUpOnHosts(context, application);
  },
});

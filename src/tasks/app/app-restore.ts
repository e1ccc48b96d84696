/** `ftask app_restore` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {defineTask} from '../../runner/task.ts';
import {applicationNamed, appOption} from './application-named.ts';
import {destruction, restoreOnHosts, restoreOptions, restoreOutput} from './restore-options.ts';

export const app_restore = defineTask({
  summary: 'Restore an application that the configuration describes, or leave it as it was.',
  description: `Proves the backup first: its digests, that it holds what its lists say and nothing else, and that it fits the host.
Then, on the host itself: a backup of what is there, dumps into databases beside the living ones, services stopped,
databases and files replaced, commands such as migrations run, services started, and the application asked whether it
is well. What fails is taken back by the host, even if the connection is gone.

  ftask -H app1 app_restore --app shop --validate-only
  ftask -H app1 app_restore --app shop --from shop-20260101T000000Z --yes`,
  section: 'Applications',
  options: z.object({...appOption, ...restoreOptions}),
  output: restoreOutput,
  destructive: destruction,
  run: async ({app, ...given}, context: Context) =>
    restoreOnHosts(context, await applicationNamed(context, app), given),
});

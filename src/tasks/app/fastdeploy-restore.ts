/** `ftask fastdeploy_restore` */
import {z} from 'zod';
import {fastdeploy} from '../../app/fastdeploy.ts';
import type {Context} from '../../context/context.ts';
import {duration} from '../../runner/option.ts';
import {defineTask} from '../../runner/task.ts';
import {fastdeployPlaces, settingsOf} from './fastdeploy-options.ts';
import {destruction, restoreOnHosts, restoreOptions, restoreOutput} from './restore-options.ts';

export const fastdeploy_restore = defineTask({
  summary: 'Restore FastDeploy from a backup, or leave it as it was.',
  description: `Proves the backup first: its digests, that it holds what its lists say and nothing else, and that it fits the host.
Then, on the host itself: a backup of what is there, the dump into a database beside the living one, services stopped,
database and files replaced, services started, and the application asked whether it is well. What fails is taken back
by the host, even if the connection is gone. Keys of fastdeploy_backup: in ftask.yaml say where things are.

  ftask -H deploy1 fastdeploy_restore --dry-run
  ftask -H deploy1 fastdeploy_restore --from manual-20260101T000000Z --yes`,
  section: 'Applications',
  options: z.object({
    ...restoreOptions,
    ...fastdeployPlaces,
    healthCheck: z.boolean().default(true).describe('Ask whether it is well in the end.'),
    healthUrl: z
      .url({protocol: /^https?$/})
      .default('http://127.0.0.1:9999/docs')
      .describe('Answers with 200 then, as seen from the host.')
      .meta({placeholder: 'URL'}),
    healthRetries: z.number().int().min(0).max(1000).default(5).describe('How often it is asked again.'),
    healthDelay: duration('How long between.').default(2000),
  }),
  output: restoreOutput,
  destructive: destruction,
  run: async (given, context: Context) => {
    const {healthCheck, healthUrl: url, healthRetries: retries, healthDelay: delayMs} = given;
    const named = Object.keys(fastdeployPlaces) as (keyof typeof fastdeployPlaces)[];
    const places = Object.fromEntries(named.map((name) => [name, given[name]]));
    const settings = settingsOf(places, context.config.fastdeploy_backup);
    // A workspace is restored when the backup has one.
    const application = fastdeploy({...settings, include_workspace: true, include_logs: false}, '');
    const health = {...(healthCheck && {url}), retries, delayMs};
    return restoreOnHosts(context, {...application, health}, given);
  },
});

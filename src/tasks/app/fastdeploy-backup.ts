/** `ftask fastdeploy_backup` */
import {z} from 'zod';
import {fastdeploy} from '../../app/fastdeploy.ts';
import type {Context} from '../../context/context.ts';
import {defineTask} from '../../runner/task.ts';
import {localPath} from './application-named.ts';
import {backUpOnHosts, backupOutput, dryRunOption} from './backup-output.ts';
import {fastdeployOptions, settingsOf} from './fastdeploy-options.ts';
import {withKeep} from './keep-options.ts';

export const fastdeploy_backup = defineTask({
  summary: 'Back up FastDeploy: database, services, runners and what integrates them.',
  description: `On each host a folder ROOT/PREFIX-TIMESTAMP, for root only, with metadata.yml and manifest.sha256, and
an archive beside it, which is brought here. Every option is a key of fastdeploy_backup: in ftask.yaml, too.

  ftask -H deploy1 fastdeploy_backup
  ftask -H deploy1 fastdeploy_backup --prefix upgrade --archive-format tar.zst`,
  section: 'Applications',
  options: z.object({...fastdeployOptions, ...dryRunOption}),
  output: backupOutput,
  run: async ({dryRun: _dryRun, ...given}, context: Context) => {
    const settings = settingsOf(given, context.config.fastdeploy_backup);
    const application = fastdeploy(settings, localPath(settings.local_dir));
    const {keep, keep_local: keepLocal} = settings;
    return backUpOnHosts(context, withKeep(application, {keep, keepLocal}, context.config));
  },
});

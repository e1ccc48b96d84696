/** `ftask app_verify` */
import {z} from 'zod';
import {fastdeploy} from '../../app/fastdeploy.ts';
import {describeVerify, type VerifyRow, verifyBackup} from '../../app/verify/verify.ts';
import type {Context} from '../../context/context.ts';
import type {Host} from '../../host/host.ts';
import {flag} from '../../runner/option.ts';
import {defineTask} from '../../runner/task.ts';
import {applicationNamed, appOption} from './application-named.ts';
import {applicationRun, recorded, recorder} from './application-run.ts';
import {restoreOptions} from './restore-options.ts';

const {from, ageIdentity} = restoreOptions;

export const app_verify = defineTask({
  summary: 'Prove that a backup can be restored, beside the living application.',
  description: `Restores it on the host into a folder and databases of their own, counts the rows, runs the check: of the
application, tells how long that took, and removes all of it again. The application is not touched. The check is run as
root in the folder; PGDATABASE and its like lead to the database.

  ftask -H app1 app_verify --app shop
  ftask -H deploy1 app_verify --app fastdeploy`,
  section: 'Applications',
  options: z.object({
    ...appOption,
    from,
    ageIdentity,
    dryRun: flag('Tell which backup that would be; change nothing.'),
  }),
  output: {
    id: ({host, snapshot}: VerifyRow) => `${host}:${snapshot}`,
    columns: [
      'host',
      'timestamp',
      'result',
      'seconds',
      'bytes',
      'databaseBytes',
      'loadSeconds',
      'checkSeconds',
      'files',
      'snapshot',
    ],
  },
  run: async ({app, from: wanted, ageIdentity: identity}, context: Context) => {
    const application = await verifiedApplication(context, app);
    const request = {from: wanted, ...(identity && {identity})};
    const verify = async (host: Host, say: (text: string) => void): Promise<VerifyRow> => {
      const run = applicationRun(context, host, `check of ${app}`, say);
      if (context.dryRun) return describeVerify(host, application, request, run);
      const record = recorder(context, {kind: 'app-verify', application: app, host: host.name});
      return recorded(record, () => verifyBackup(host, application, request, run));
    };
    return context.onEach(verify, {title: `verify ${app}`});
  },
});

/** FastDeploy needs no description under apps:. */
async function verifiedApplication(context: Context, name: string) {
  const {apps, fastdeploy_backup: settings} = context.config;
  if (name !== 'fastdeploy' || Object.hasOwn(apps, name)) return applicationNamed(context, name);
  return fastdeploy({...settings, include_workspace: true, include_logs: false}, '');
}

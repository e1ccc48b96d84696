/** What the backups of applications have in common: their options, their rows, and the run on each host. */
import {join} from 'node:path';
import type {Application} from '../../app/application.ts';
import {type BackupRow, backUpApplication, KeepFailed} from '../../app/backup/back-up.ts';
import {describeBackup} from '../../app/backup/describe.ts';
import type {Context} from '../../context/context.ts';
import type {Host} from '../../host/host.ts';
import {flag} from '../../runner/option.ts';
import {type ItemFailure, unlessFailed} from '../../runner/outcome.ts';
import type {TaskOutput} from '../../runner/task.ts';
import {applicationRun, recorded, recorder} from './application-run.ts';

export const dryRunOption = {
  dryRun: flag('Tell what would be captured, and whether it fits; change nothing.'),
};

/** A pipe gets the archive here, else the one on the host, else the snapshot. */
export const backupOutput: TaskOutput<BackupRow> = {
  id: ({host, file, archive, snapshot}) => file ?? `${host}:${archive ?? snapshot}`,
  columns: (rows) => ['host', placeIn(rows), 'bytes'],
};

/** One path is all that fits a terminal; the names of the others follow from it. */
function placeIn(rows: readonly BackupRow[]): 'file' | 'archive' | 'snapshot' {
  if (rows.every(({file}) => file !== null)) return 'file';
  return rows.every(({archive}) => archive !== null) ? 'archive' : 'snapshot';
}

/** Backs it up on every host of the run. @throws UsageError without hosts; SomeFailed with the rows of the others */
export async function backUpOnHosts(
  context: Context,
  application: Application,
): Promise<readonly BackupRow[]> {
  const isShared = context.hosts.length > 1;
  const unkept: ItemFailure[] = [];
  const work = (host: Host, say: (text: string) => void) => {
    const own = ownOf(application, host, isShared);
    return backUpOn(context, {host, application: own, say, onUnkept: (one) => unkept.push(one)});
  };
  const rows = await context.onEach(work, {title: `back up ${application.name}`});
  return unlessFailed(rows, unkept);
}

/** Archives of several hosts may have one name. */
function ownOf(application: Application, {name}: Host, isShared: boolean): Application {
  const {fetch} = application;
  return fetch && isShared ? {...application, fetch: {dir: join(fetch.dir, name)}} : application;
}

interface HostWork {
  readonly host: Host;
  readonly application: Application;
  readonly say: (text: string) => void;
  /** The backup is there, and retention has failed. */
  readonly onUnkept: (failure: ItemFailure) => void;
}

async function backUpOn(context: Context, {host, application, say, onUnkept}: HostWork): Promise<BackupRow> {
  const run = applicationRun(context, host, `backup of ${application.name}`, say);
  if (context.dryRun) return describeBackup(host, application, run);
  const record = recorder(context, {kind: 'app-backup', application: application.name, host: host.name});
  return recorded(record, async () => {
    try {
      return await backUpApplication(host, application, run);
    } catch (error) {
      if (!(error instanceof KeepFailed)) throw error;
      run.warn(`the backup is there, and retention failed: ${error.message}`);
      onUnkept({item: host.name, error});
      return error.row;
    }
  });
}

/** The application's own check of a restored copy. */
import {FtaskError} from '../../errors.ts';
import {CommandFailed} from '../../host/failures.ts';
import type {Application} from '../application.ts';
import {inPrivate} from '../backup/site.ts';
import {postgresEnv} from '../postgres/access.ts';
import type {Snapshot} from '../restore/check/integrity.ts';
import type {Looking} from '../restore/check/source.ts';
import type {Scratch} from './scratch-database.ts';

export interface CheckRequest {
  readonly application: Application;
  readonly snapshot: Snapshot;
  /** What was restored, and the folder it runs in. */
  readonly folder: string;
  readonly scratches: readonly Scratch[];
}

/**
 * Runs it as root in the copy, until a command of it fails; whether there is one. It finds the first database where libpq looks for one, and the name
 * of each in `FTASK_DATABASE_<COMPONENT>`. @throws FtaskError `VerifyFailed` with what it said last
 */
export async function runCheck(
  {host, signal}: Looking,
  {application, snapshot, folder, scratches}: CheckRequest,
): Promise<boolean> {
  const {check} = application;
  if (check === undefined) return false;
  const [first] = scratches;
  const names = scratches.map(({name, step}) => [
    `FTASK_DATABASE_${step.component.name.toUpperCase().replaceAll('-', '_')}`,
    name,
  ]);
  const env = {
    ...(first && postgresEnv({...first.step.component, database: first.name})),
    ...Object.fromEntries(names),
    FTASK_FOLDER: folder,
  };
  try {
    await host.run(
      inPrivate(`unset LC_ALL; set -e\n${check}`, {
        cwd: folder,
        env,
        signal,
        shownAs: 'the check of the application',
      }),
    );
    return true;
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.code !== 'CommandFailed') throw error;
    const what = `${host.name}: ${snapshot.source.shown} was restored, but is not right`;
    throw new FtaskError('VerifyFailed', `${what}: ${error.message.replace(`${host.name}: `, '')}`, {
      cause: error,
    });
  }
}

/** The backup that is made before a restore: of what is there, however little that may be. */

import type {Host} from '../../host/host.ts';
import type {Application, Component} from '../application.ts';
import type {BackupRun} from '../backup/back-up.ts';
import {backUpUnderLock} from '../backup/back-up.ts';
import type {HostLock} from '../lock/host-lock.ts';
import {SAFETY_PREFIX} from '../snapshot/name.ts';
import type {Standings} from './check/standings.ts';

export interface SafetyRequest {
  readonly application: Application;
  readonly lock: HostLock;
  readonly standings: Standings;
}

/** Makes it, without an archive; returns its folder on the host. @throws what a backup throws */
export async function makeSafetyBackup(
  host: Host,
  {application, lock, standings}: SafetyRequest,
  run: BackupRun,
): Promise<string> {
  const {archive: _archive, fetch: _fetch, keep: _keep, version, ...rest} = application;
  const components = application.components.flatMap((one): Component[] => {
    // What was printed is no way back, and a database that is not there cannot be dumped.
    if (one.kind === 'journal' || one.kind === 'output') return [];
    if (one.kind === 'postgres') return standings.get(one.name)?.traits ? [one] : [];
    return [{...one, required: false}];
  });
  const safety: Application = {
    ...rest,
    ...(version && {version}),
    prefix: SAFETY_PREFIX,
    requires: [],
    components,
    extra: {...application.extra, safety_backup: true},
  };
  const {snapshot} = await backUpUnderLock(host, safety, lock, run);
  return snapshot;
}

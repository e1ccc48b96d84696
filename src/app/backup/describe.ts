/** A dry run of a backup: what would be captured and removed. */
import type {Host} from '../../host/host.ts';
import {bytesText} from '../../words.ts';
import type {Application} from '../application.ts';
import {describeKeep} from '../keep/keep.ts';
import {refuseUnfinished} from '../restore/follow/earlier.ts';
import {snapshotName} from '../snapshot/name.ts';
import {archiveName} from './archive/script.ts';
import type {BackupRow, BackupRun} from './back-up.ts';
import {checkSpace, survey} from './survey.ts';

/** Tells it, and changes nothing. @throws RefusedError when the backup would be refused; what `keepSnapshots` throws */
export async function describeBackup(
  host: Host,
  application: Application,
  run: BackupRun,
): Promise<BackupRow> {
  const {root, prefix, archive, fetch} = application;
  const name = snapshotName(prefix, run.now());
  await refuseUnfinished(host, root);
  const surveyed = await survey(host, application);
  for (const {component, found} of surveyed.components) {
    const {bytes, missing, from} = found;
    const what = bytes === undefined ? `nothing, ${missing.join('; ')}` : `${bytesText(bytes)} of ${from}`;
    run.note(`would capture ${component.name}: ${what}`);
  }
  const {needed, free, content: bytes} = surveyed;
  if (needed !== undefined) run.note(`would need up to ${bytesText(needed)}; ${bytesText(free)} are free`);
  checkSpace(host, root, surveyed, free);
  const removed: string[] = [];
  const made = {name, hasCome: fetch !== undefined};
  await describeKeep(host, application, made, {...run, onRemoved: (place) => removed.push(place)});
  return {
    host: host.name,
    snapshot: `${root}/${name}`,
    archive: archive ? `${root}/${archiveName(name, archive)}` : null,
    bytes,
    sha256: null,
    seconds: 0,
    file: null,
    removed,
  };
}

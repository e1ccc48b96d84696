/** Choosing the snapshot that is restored, proved to be whole. */
import {FtaskError, RefusedError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import {bytesText} from '../../words.ts';
import {removePaths} from '../backup/leftovers.ts';
import {inPrivate} from '../backup/site.ts';
import {BadSnapshot} from './check/bad-snapshot.ts';
import {lookAtSnapshot, proveSnapshot, type Snapshot} from './check/integrity.ts';
import type {Looking, Source} from './check/source.ts';
import {bringArchive, type Found, findSnapshot} from './find/find.ts';
import type {Listed} from './find/listed.ts';

/** Which one is wanted. */
export interface WishedSnapshot {
  /** Whose it has to be, if it is the latest: there may be others' in the folder. */
  readonly application: string;
  readonly root: string;
  /** `latest`, a name, or a file of this machine. */
  readonly wanted: string;
  readonly warn: (text: string) => void;
}

export interface Choice extends WishedSnapshot {
  /** A folder that is not there: what is in an archive goes into it. */
  readonly staging: string;
  /** A folder that is not there: an archive of this machine goes into it. */
  readonly upload: string;
  readonly say: (text: string) => void;
}

/**
 * Finds it and proves it; what is in an archive is in a folder then.
 * @throws BadSnapshot; UsageError `NoSuchSnapshot`; RefusedError; what `Host.run` throws
 */
export async function chooseSnapshot(from: Looking, choice: Choice): Promise<Snapshot & {folder: string}> {
  const {root, wanted, staging, upload, say} = choice;
  say('looking for the snapshot');
  const found = await findSnapshot(from, root, wanted);
  const prove = async (source: Source) => {
    say(`checking ${source.shown}`);
    const snapshot = await proveSnapshot(from, source, staging);
    return {...snapshot, folder: snapshot.folder ?? source.path};
  };
  if (found.kind === 'named') return prove(found.source);
  if (found.kind === 'local') {
    await from.host.run(inPrivate(sh`mkdir -- ${upload}`.text, {signal: from.signal}));
    return prove(await bringArchive(from, found.file, upload, (bytes) => say(`sent ${bytesText(bytes)}`)));
  }
  return firstWhole(from, found.snapshots, choice, async (source) => {
    try {
      return await prove(source);
    } catch (error) {
      await removePaths(from.host, [staging]);
      throw error;
    }
  });
}

/** The same without writing anything on the host. An archive of this machine cannot be looked at so. */
export async function lookForSnapshot(from: Looking, choice: WishedSnapshot): Promise<Snapshot | undefined> {
  const found: Found = await findSnapshot(from, choice.root, choice.wanted);
  if (found.kind === 'local') return undefined;
  const look = (source: Source) => lookAtSnapshot(from, source);
  if (found.kind === 'named') return look(found.source);
  return firstWhole(from, found.snapshots, choice, look);
}

/** The newest that is whole; of those that are not is warned. */
async function firstWhole<Proved>(
  {host}: Looking,
  snapshots: readonly Listed[],
  {application, root, warn}: WishedSnapshot,
  prove: (source: Source) => Promise<Proved>,
): Promise<Proved> {
  let last: unknown;
  for (const {source, metadata, problem} of snapshots) {
    if (metadata && metadata.application !== application) continue;
    if (problem !== undefined) {
      warn(`passed over: ${source.shown}: ${problem}`);
      continue;
    }
    try {
      return await prove(source);
    } catch (error) {
      const isUnread = error instanceof RefusedError && error.code === 'NoIdentity';
      if (!(error instanceof BadSnapshot || isUnread)) throw error;
      warn(`passed over: ${error.message}`);
      last = error;
    }
  }
  throw new FtaskError('NoWholeSnapshot', `${host.name}: no snapshot of ${application} in ${root} is whole`, {
    hint: 'restore an archive of this machine: --from FILE',
    cause: last,
  });
}

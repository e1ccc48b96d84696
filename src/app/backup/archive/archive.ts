/** Making the archive of a snapshot, and bringing it here while it is made. */
import {randomBytes} from 'node:crypto';
import {addAbortSignal} from 'node:stream';
import {FtaskError} from '../../../errors.ts';
import {Meter} from '../../../host/transfer/meter.ts';
import {converse, type Ended} from '../../../host/transfer/script/conversation.ts';
import type {ArchiveWish} from '../../application.ts';
import {partialName} from '../../snapshot/name.ts';
import {removePaths} from '../leftovers.ts';
import type {Site} from '../site.ts';
import type {ReceivedFile} from './received-file.ts';
import {archiveName, archiveScript} from './script.ts';

export interface Archived {
  /** The path on the host. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The local path, when it was fetched. */
  readonly file?: string;
}

export interface ArchiveRequest {
  /** The name of the application. */
  readonly application: string;
  readonly wish: ArchiveWish;
  /** What it is brought to here. */
  readonly file?: ReceivedFile;
  /** Whether there must be room for the largest that it can become. */
  readonly needsRoom: boolean;
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Makes the archive beside the snapshot, complete or not at all; when it is fetched, that is true here, too, and what
 * arrived is compared with the host's digest. @throws FtaskError `ArchiveFailed`, TransferFailed, what `Host.stream` throws
 */
export async function makeArchive(
  site: Site,
  {application, wish, file, needsRoom, onProgress}: ArchiveRequest,
): Promise<Archived> {
  const {host, root, name, signal} = site;
  const id = randomBytes(8).toString('hex');
  const archive = archiveName(name, wish);
  const script = archiveScript(site, wish, {id, archive, send: file !== undefined, needsRoom});
  const meter = new Meter(onProgress);
  try {
    const ended = await converse(host, {script, mark: id}, {signal}, async ({stdin, stdout}, until) => {
      stdin.end();
      addAbortSignal(until.failed, stdout);
      if (file) await file.write(meter.through(stdout));
      else stdout.resume();
    });
    const [, bytes = '', sha256 = ''] = ended.said.join().match(/^archive (\d+) ([\da-f]{64})$/) ?? [];
    if (sha256 === '') throw failureOf(host.name, archive, ended);
    const path = `${root}/${archive}`;
    if (!file) return {path, bytes: Number(bytes), sha256};
    if (meter.sha256() !== sha256) throw differs(host.name, path);
    await file.keep({application, host: host.name, snapshot: name, sha256});
    return {path, bytes: Number(bytes), sha256, file: file.path};
  } catch (error) {
    await removePaths(
      host,
      [partialName(archive), partialName(`${archive}.sha256`)].map((one) => `${root}/${one}`),
    ).catch(() => site.warn(`what is left of ${archive} in ${root} is removed by the next backup`));
    throw error;
  }
}

function failureOf(host: string, archive: string, {noise, failure}: Ended): unknown {
  if (failure) return failure.error;
  return new FtaskError(
    'ArchiveFailed',
    `${host}: ${archive} could not be made: ${noise || 'it was cut off'}`,
    {
      hint: 'the folder of the snapshot is complete',
    },
  );
}

function differs(host: string, path: string): FtaskError {
  return new FtaskError('ArchiveDiffers', `${host}: what arrived is not ${path}; its SHA-256 differs`, {
    hint: `the archive on the host is complete: ftask get ${path}`,
  });
}

/** What went wrong with an rsync between two hosts, in words of the operator's. */
import {FtaskError} from '../../../errors.ts';
import type {End} from '../channel.ts';

/** How rsync ended on the source. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly complaints: readonly string[];
  /** It got to the other side. */
  readonly hasBegun: boolean;
}

/** Exit codes of rsync(1). */
export const VANISHED = 24;
const FILE_IO = 11;
const PARTIAL = 23;
/** Of ssh(1) when a signal ended what it ran. */
const KILLED_THERE = 255;
const SHOWN_COMPLAINTS = 10;

/** The error for an end that is not accepted. */
export function rsyncFailure(source: End, target: End, ended: Ended): FtaskError {
  const text = ended.complaints.join('\n');
  const hosts = `${source.host.name} to ${target.host.name}`;
  const last = lastComplaints(ended.complaints);
  if (/No space left on device|Disk quota exceeded/.test(text)) {
    return new FtaskError(
      'NoSpace',
      `${hosts}: the destination is full, so the copy is not complete${last}`,
      {
        hint: 'Make room there or enlarge the filesystem, then do it again: what has arrived is not sent twice.',
      },
    );
  }
  if (/Read-only file system/.test(text))
    return new FtaskError('ReadOnly', `${hosts}: the destination has become read-only${last}`);
  if (ended.code === VANISHED) {
    return new FtaskError('FilesVanished', `${hosts}: files vanished while they were copied${last}`, {
      hint: 'Copy from a snapshot, or say that they may: --allow-vanished.',
    });
  }
  const how = howItEnded(ended, target);
  const hint = ended.code === FILE_IO ? 'Look at the disk and at the kernel log of the host.' : undefined;
  return new FtaskError(
    ended.code === FILE_IO || ended.code === PARTIAL ? 'FilesNotCopied' : 'RsyncFailed',
    `${hosts}: rsync did not complete (${how})${last}`,
    hint === undefined ? {} : {hint},
  );
}

function howItEnded({code, signal}: Ended, target: End): string {
  if (signal !== null) return `ended by signal ${signal}`;
  return code === KILLED_THERE ? `killed on ${target.host.name}` : `exit code ${code}`;
}

function lastComplaints(complaints: readonly string[]): string {
  return complaints
    .slice(-SHOWN_COMPLAINTS)
    .map((line) => `\n  ${line}`)
    .join('');
}

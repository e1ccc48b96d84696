/** How rsync on one host reaches rsync on another: what a channel is, whichever way it goes. */
import type {Host} from '../../host/host.ts';
import type {TemporaryTools} from '../../temporary/temporary-tools.ts';

/** `direct`: the source logs in to the destination. `through-controller`: all bytes pass through ftask. */
export type Way = 'direct' | 'through-controller';

/** What the house gives to those who copy between hosts. */
export type CopyTools = Pick<TemporaryTools, 'run' | 'keyPair'>;

/** A host at one end of a copy. */
export interface End {
  readonly host: Host;
  /** Where the other host finds it; the direct way needs it of the destination. */
  readonly reach?: Reach;
}

export interface Reach {
  readonly user: string;
  readonly address: string;
  readonly port: number;
}

export interface RsyncRequest {
  /** Options alone: no files, no remote shell, nothing of how it talks. */
  readonly args: readonly string[];
  readonly from: string;
  readonly to: string;
  /** Exit codes that are no failure. */
  readonly accept: readonly number[];
  /** Bytes done so far; it need not be called. */
  readonly onProgress: (bytes: number) => void;
  /** It changes nothing, so a dry run may run it. */
  readonly reads?: boolean;
}

export interface RsyncResult {
  readonly code: number;
  readonly stats: RsyncStats;
  /** How many things it made, changed or deleted; with `-n`, would have. */
  readonly changes: number;
  /** The first of them, as `--itemize-changes` shows them. */
  readonly changed: readonly string[];
  /** What else it had to say. */
  readonly remarks: readonly string[];
}

/** What `--stats` tells. */
export interface RsyncStats {
  /** Of all kinds, folders included. */
  readonly files: number;
  /** Of regular files and links, whether transferred or not. */
  readonly totalBytes: number;
  readonly transferredFiles: number;
  /** Of those files, whole. */
  readonly transferredBytes: number;
  readonly deletedFiles: number;
  /** Of the files that were transferred: what could not be taken from the destination's own. */
  readonly literalBytes: number;
  /** On the wire, from the source and back. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** Runs rsync as root on the source against rsync as root on the destination. May be used many times. */
export interface RsyncChannel {
  /**
   * `rsync <args> <from> <to>`. Whatever it needs for that is gone afterwards.
   * @throws FtaskError that names both hosts, when its exit code is not accepted or one host does not reach the other
   */
  run(source: End, target: End, rsync: RsyncRequest): Promise<RsyncResult>;
}

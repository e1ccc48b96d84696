/** A machine that commands run on and files move to and from: the one thing that disks and applications use. */
import type {Readable, Writable} from 'node:stream';
import type {Secret} from '../secret.ts';
import type {Command, CommandOptions} from './command.ts';
import type {Ending, Result} from './result.ts';

/**
 * One machine. Nothing is connected before the first call; all calls share one connection, and any
 * number may be under way at once. A connection that died fails everything that waits on it and is
 * opened anew by the next call, never silently within one.
 */
export interface Host {
  /** As it was selected: `web1`, `deploy@10.0.0.7:2222`, `localhost`. */
  readonly name: string;

  /**
   * Runs a command to its end. An array is argv.
   * @throws CommandFailed when its exit code is not accepted, CommandTimedOut, CommandInterrupted,
   * SudoRefused, HostUnreachable, ConnectionLost
   */
  run(command: Command | readonly string[], options?: RunOptions): Promise<Result>;

  /** Starts a command and hands out its streams, for data that does not fit in memory. Throws as `run` does. */
  stream(command: Command | readonly string[], options?: CommandOptions): Promise<Running>;

  /**
   * Puts a file, a folder or content under `path`, complete or not at all: it is sent under a temporary
   * name, synced, compared by checksum, given owner and mode, then renamed. May be called twice.
   * @throws TransferFailed, and what `run` throws
   */
  put(source: PutSource, path: string, options?: PutOptions): Promise<Transfer>;

  /** Fetches a file or a folder into the local `target`, complete or not at all. May be called twice. Throws as `put`. */
  get(path: string, target: string, options?: TransferOptions): Promise<Transfer>;

  /** Ends the connection; what is still under way fails. May be called twice. */
  close(): Promise<void>;
}

/** How `run` takes in what a command says. */
export interface RunOptions extends CommandOptions {
  /**
   * Called with each line as it comes, secrets masked; a promise holds the command back, what it throws ends it.
   * Of a progress bar comes what it showed last; a line beyond 64 KiB comes in pieces.
   */
  readonly onLine?: (line: string, from: OutputName) => void | Promise<void>;
  /** Keep no more of each output than this many bytes, the last ones, with a first line that says so; 16 MiB by default. */
  readonly keepBytes?: number;
}

export type OutputName = 'stdout' | 'stderr';

/** A command under way. Both outputs must be read, else the command stops when their buffers are full. */
export interface Running {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the command has ended; its `stdout` and `stderr` are empty. Rejects as `run` does, after `end` too. */
  readonly result: Promise<Result>;
  /** Ends the command with all that it started, and tells how. May be called twice. */
  end(): Promise<Ending>;
}

/** A local file or folder by its path, or the content itself. */
export type PutSource = string | {readonly content: string | Uint8Array | Secret};

export interface TransferOptions {
  /** Work as root (`true`) or as another user on the remote side. */
  readonly sudo?: boolean | string;
  /** Make the folders above the target. */
  readonly parents?: boolean;
  /** Permissions of the file, such as 0o600; without it, those of the source. */
  readonly mode?: number;
  /** A folder takes the place of one that is there. Without it that is refused. */
  readonly replace?: boolean;
  /** Milliseconds; the host's own limit by default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Called with the bytes moved so far. */
  readonly onProgress?: (bytes: number) => void;
}

export interface PutOptions extends TransferOptions {
  /** `user`, `user:group` or `:group`. */
  readonly owner?: string;
}

/** What was moved, proved equal on both sides. */
export interface Transfer {
  readonly host: string;
  readonly path: string;
  readonly bytes: number;
  /** Of the content; of the tar stream when it was a folder. */
  readonly sha256: string;
  readonly seconds: number;
}

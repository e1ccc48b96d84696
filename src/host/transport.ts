/** What reaches a machine: the little that a Host is built on, whatever carries it. */
import type {Readable, Writable} from 'node:stream';

/** A way to one machine for one user. */
export interface Transport {
  /** What it is, for errors and `-v`: `ssh2 deploy@10.0.0.7:22`, `this machine`. */
  readonly name: string;

  /**
   * Starts `commandLine` with the user's login shell, as sshd does (`$SHELL -c`). Connects when needed and waits
   * for a free place on the connection. Resolves when the command is started.
   * @throws HostUnreachable, HostKeyRejected, AuthenticationFailed, ConnectionLost
   */
  open(commandLine: string, options?: OpenOptions): Promise<Channel>;

  /** The file service, for servers without a shell; undefined when it has none. */
  sftp?(): Promise<FileService>;

  /** Ends the connection; channels that are open fail with ConnectionLost. May be called twice. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** A terminal of this size. */
  readonly pty?: TerminalSize;
  /** Do not wait behind other commands: this one brings another to its end. */
  readonly isUrgent?: boolean;
  /** Stops waiting for a place or a connection. */
  readonly signal?: AbortSignal;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
  /** `xterm-256color`; the value of TERM. */
  readonly term?: string;
}

/** One command's streams. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Empty when there is a terminal. */
  readonly stderr: Readable;
  /**
   * Settles when the command has ended and both outputs were delivered to their end.
   * Rejects with ConnectionLost as soon as the connection is dead.
   */
  readonly exit: Promise<Exit>;
  resize(size: TerminalSize): void;
  /** Wants nothing more of it. This does not end the command on the other side. May be called twice. */
  abandon(): void;
}

/** Both null: the server did not say. */
export interface Exit {
  readonly code: number | null;
  /** Without `SIG`. */
  readonly signal: string | null;
}

export interface FileFacts {
  readonly size: number;
  readonly mode: number;
  /** What is neither is a device, a pipe or a socket. */
  readonly kind: 'file' | 'folder' | 'other';
}

/** Files without a shell: what SFTP can do. Paths are as the server understands them. */
export interface FileService {
  read(path: string): Readable;
  /** Creates the file, which must not be there yet, with the mode; resolves when all is written and synced where the server can. */
  write(path: string, mode: number, content: Readable): Promise<void>;
  /** Undefined when there is no such file. */
  stat(path: string): Promise<FileFacts | undefined>;
  /** Takes the place of a file that is there. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
}

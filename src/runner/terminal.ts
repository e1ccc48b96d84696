/** The operator's terminal, for a task that hands it on: `ftask shell HOST`. */
import type {Readable} from 'node:stream';

export interface Terminal {
  /** Its type, as in TERM. */
  readonly type: string;
  size(): TerminalSize;
  /** Calls `listener` when the size has changed, until the returned function is called. */
  onResize(listener: () => void): () => void;
  /** Every key comes as it is typed, Ctrl-C as well, and the display is silent until `restore` is called. */
  raw(): Promise<RawTerminal>;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface RawTerminal {
  readonly input: Readable;
  /** Settles when there is room for more. */
  write(data: string | Uint8Array): Promise<void>;
  /** Gives the terminal back as it was; may be called twice. */
  restore(): void;
}

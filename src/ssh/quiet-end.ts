/** The end of a command that left something in the background: that may hold its outputs open for ever. */
import type {Readable} from 'node:stream';

const QUIET_MS = 5000;

export interface Quiet {
  readonly outputs: readonly Readable[];
  /** Resolves when the server has answered what is asked now: all that it sent before has then come. */
  readonly answered: () => Promise<unknown>;
  readonly close: () => void;
}

/** Closes a channel whose command has ended, once nothing more is heard of it from a server that answers. */
export class QuietEnd {
  readonly #quiet: Quiet;
  #timer: NodeJS.Timeout | undefined;
  #hasExited = false;
  #isStopped = false;
  #timesHeard = 0;

  constructor(quiet: Quiet) {
    this.#quiet = quiet;
  }

  /** The server told how the command ended. */
  exited(): void {
    this.#hasExited = true;
    this.#wait();
  }

  /** Something of it came. */
  heard(): void {
    this.#timesHeard += 1;
    if (this.#hasExited) this.#wait();
  }

  /** The channel is closed. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#closeIfQuiet(), QUIET_MS);
  }

  async #closeIfQuiet(): Promise<void> {
    const {outputs, answered, close} = this.#quiet;
    const before = this.#timesHeard;
    // A network that stalls is not taken for the end: it answers late, behind what it held back, or never.
    await answered();
    if (this.#isStopped || this.#timesHeard > before) return;
    // What waits to be read holds the rest back.
    if (outputs.some(({destroyed, readableLength}) => !destroyed && readableLength > 0)) this.#wait();
    else close();
  }
}

/** The end of a command that left something in the background: that may hold its outputs open for ever. */

import type {Readable} from 'node:stream';

/** A network that stalls is not taken for the end. */
const QUIET_MS = 5000;

/** Closes a channel whose command has ended, once nothing more is heard of it. */
export class QuietEnd {
  readonly #outputs: readonly Readable[];
  readonly #close: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(outputs: readonly Readable[], close: () => void) {
    this.#outputs = outputs;
    this.#close = close;
  }

  /** The server told how the command ended. */
  exited(): void {
    this.#timer ??= setTimeout(() => {
      // What waits to be read holds the rest back.
      const isHeldBack = this.#outputs.some(
        ({destroyed, readableLength}) => !destroyed && readableLength > 0,
      );
      if (isHeldBack) this.#timer?.refresh();
      else this.#close();
    }, QUIET_MS);
  }

  /** Something of it came. */
  heard(): void {
    this.#timer?.refresh();
  }

  /** The channel is closed. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** An output of a channel: the server may send more only as it is read. */
import {Readable} from 'node:stream';

/** More may come as long as less than this waits to be read; what is on its way comes on top. */
const WAITING_BYTES = 1024 * 1024;
/** The server is told in steps of this, not of every packet. */
const STEP_BYTES = 128 * 1024;

export class Output {
  readonly stream: Readable;
  readonly #widen: (bytes: number) => void;
  /** Came, and the server has not been told that it may send as much again. */
  #owed = 0;

  /** `widen` lets the server send so many bytes more. */
  constructor(widen: (bytes: number) => void) {
    this.#widen = widen;
    this.stream = new Readable({
      highWaterMark: WAITING_BYTES,
      read: () => this.#settle(),
      destroy: (error, done) => {
        // Nobody reads on: the rest is let in and dropped, else the command would stand still.
        this.#settle();
        done(error);
      },
    });
  }

  deliver(bytes: Buffer): void {
    this.#owed += bytes.length;
    if (this.stream.destroyed || this.stream.push(bytes)) this.#settle();
  }

  /** Nothing more comes. May be called twice. */
  end(): void {
    if (!this.stream.destroyed && !this.stream.readableEnded) this.stream.push(null);
  }

  #settle(): void {
    if (this.#owed < STEP_BYTES) return;
    this.#widen(this.#owed);
    this.#owed = 0;
  }
}

/** The life of a connection: when it ends, all that waits on it hears of it at once. */
import type {FtaskError} from '../../errors.ts';
import {ConnectionLost} from '../../host/failures.ts';

export class Life {
  #error: FtaskError | undefined;
  readonly #listeners = new Set<(error: FtaskError) => void>();

  /** Why it is over; undefined while it lasts. */
  get error(): FtaskError | undefined {
    return this.#error;
  }

  /** Calls `listener` once when it ends, at once when it has ended. Returns what takes that back. */
  onLost(listener: (error: FtaskError) => void): () => void {
    if (this.#error) listener(this.#error);
    else this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ends it. Only the first call counts. */
  end(error: FtaskError): void {
    if (this.#error) return;
    this.#error = error;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener(error);
  }
}

/** The error of a connection that nobody here ended. */
export function connectionLost(place: string, why: string, cause?: Error): ConnectionLost {
  return new ConnectionLost(`${place}: the connection is lost: ${why}`, {
    hint: 'what ran there may still run: look before you run it again',
    cause,
  });
}

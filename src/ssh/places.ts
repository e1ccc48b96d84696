/** Places that are limited in number, taken in the order of asking. */

export class Places {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Below zero when some were taken beyond the number. */
  get free(): number {
    return this.#free;
  }

  /** Waits for a place. Call what it returns to give it back; again does nothing. Rejects with the signal's reason. */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#free > 0) return this.takeNow();
    await this.#turn(signal);
    return this.#giveBack();
  }

  /** Takes a place even if none is free. */
  takeNow(): () => void {
    this.#free -= 1;
    return this.#giveBack();
  }

  #giveBack(): () => void {
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#free += 1;
      const [next] = this.#waiting;
      if (this.#free > 0) next?.();
    };
  }

  /** Resolves when a place was taken for the one who waits, so that no latecomer can snatch it. */
  #turn(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(go);
        signal?.removeEventListener('abort', stop);
      };
      const go = () => {
        leave();
        this.#free -= 1;
        resolve();
      };
      const stop = () => {
        leave();
        reject(signal?.reason);
      };
      this.#waiting.add(go);
      signal?.addEventListener('abort', stop, {once: true});
    });
  }
}

/** One goes first where nobody knows whether it works; the others wait until it has lived for a while. */
import type {Clock} from '../../clock.ts';
import {FtaskError} from '../../errors.ts';

/** After which a copy with a wrong key has ended in error. */
const TRIAL_MS = 60_000;

export class Canary {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #trial: Promise<void> | undefined;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /**
   * The first one is done at once, and tells when it has begun; all others when it has not failed for a minute after that.
   * @throws what `work` throws; FtaskError `NotTried` when the first one has failed
   */
  async fly<Value>(work: (onBegun: () => void) => Promise<Value>): Promise<Value> {
    if (this.#trial) {
      await this.#trial;
      return work(() => {});
    }
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const first = work(begin);
    const hasLived = begun.then(() => this.#clock.sleep(TRIAL_MS, this.#signal));
    this.#trial = Promise.race([first.then(() => {}), hasLived]).catch((error: unknown) => {
      this.#signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      throw new FtaskError('NotTried', `not tried, since the first one failed: ${why}`, {cause: error});
    });
    // Nobody may be waiting for it.
    this.#trial.catch(() => {});
    return first;
  }
}

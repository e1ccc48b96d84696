/** What was asked of the lab, for tests and for those who debug. */

export interface LoggedCall {
  readonly action: string;
  readonly region: string;
  /** Lab milliseconds. */
  readonly at: number;
  /** `OK`, an error's code, or what an injected fault did. */
  readonly code: string;
  readonly mutating: boolean;
}

const CAPACITY = 10_000;

/** Keeps the newest calls and counts all of them. */
export class CallLog {
  #calls: LoggedCall[] = [];
  #next = 0;
  #counts: Record<string, Record<string, number>> = {};

  add(call: LoggedCall): void {
    this.#calls[this.#next] = call;
    this.#next = (this.#next + 1) % CAPACITY;
    const counts = this.#counts[call.action] ?? {};
    this.#counts[call.action] = counts;
    counts[call.code] = (counts[call.code] ?? 0) + 1;
  }

  /** The newest calls, oldest first, and how often each action was answered with each code. */
  toJSON(): {readonly calls: LoggedCall[]; readonly counts: Record<string, Record<string, number>>} {
    const isFull = this.#calls.length === CAPACITY;
    const calls = isFull
      ? [...this.#calls.slice(this.#next), ...this.#calls.slice(0, this.#next)]
      : this.#calls;
    return {calls, counts: this.#counts};
  }

  clear(): void {
    this.#calls = [];
    this.#next = 0;
    this.#counts = {};
  }
}

/** A time limit over several steps, which stands still while a person is asked. */

export interface TimeLimit {
  /** Rejects when the time is over; never resolves. */
  readonly over: Promise<never>;
  /** The clock stands still while `work` is under way. */
  pausedFor<T>(work: () => Promise<T>): Promise<T>;
  /** Ends it; `over` stays pending then. May be called twice. */
  end(): void;
}

/** A limit that has begun. `error` makes what `over` rejects with. */
export function timeLimit(limitMs: number, error: () => Error): TimeLimit {
  let fail = (_: Error): void => {};
  const over = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever waits on it hears of it; nobody has to.
  over.catch(() => {});
  let leftMs = limitMs;
  let pauses = 0;
  let startedAt = performance.now();
  let timer = setTimeout(() => fail(error()), leftMs);
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
    clearTimeout(timer);
  };
  return {
    over,
    end,
    pausedFor: async (work) => {
      pauses += 1;
      if (pauses === 1) {
        clearTimeout(timer);
        leftMs -= performance.now() - startedAt;
      }
      try {
        return await work();
      } finally {
        pauses -= 1;
        if (pauses === 0 && !hasEnded) {
          startedAt = performance.now();
          timer = setTimeout(() => fail(error()), Math.max(0, leftMs));
        }
      }
    },
  };
}

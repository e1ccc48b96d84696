/** A time limit over several steps, which stands still while a person is asked. */

export interface TimeLimit {
  /** Aborted when the time is over, or when `outer` is. */
  readonly signal: AbortSignal;
  /** The clock stands still while `work` is under way. */
  pausedFor<T>(work: () => Promise<T>): Promise<T>;
  /** Takes it off. May be called twice. */
  end(): void;
}

/** A limit that has begun; `error` makes the reason of its abort. */
export function timeLimit(limitMs: number, error: () => Error, outer: AbortSignal): TimeLimit {
  const own = new AbortController();
  let leftMs = limitMs;
  let pauses = 0;
  let hasEnded = false;
  let startedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    startedAt = performance.now();
    timer = setTimeout(() => own.abort(error()), Math.max(0, leftMs));
  };
  const stop = () => {
    clearTimeout(timer);
    leftMs -= performance.now() - startedAt;
  };
  start();
  return {
    signal: AbortSignal.any([own.signal, outer]),
    pausedFor: async (work) => {
      pauses += 1;
      if (pauses === 1) stop();
      try {
        return await work();
      } finally {
        pauses -= 1;
        if (pauses === 0 && !hasEnded) start();
      }
    },
    end: () => {
      hasEnded = true;
      stop();
    },
  };
}

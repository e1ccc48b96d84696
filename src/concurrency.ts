/** Doing many things at once, but not all of them. */

/**
 * Calls `work` for every item, in order of the items. An item keeps its place among the `limit` that
 * are worked on at a time until it is done, or until it calls `leave` because it only waits from then
 * on. The first failure stops new ones from being started; it is passed on when all that were started
 * have ended.
 */
export async function forEachLimited<Item>(
  items: AsyncIterable<Item>,
  limit: number,
  work: (item: Item, leave: () => void) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const start = (item: Item): Promise<void> =>
    new Promise((leave) => {
      const ended = work(item, leave)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          underWay.delete(ended);
          leave();
        });
      underWay.add(ended);
    });
  const worker = async (): Promise<void> => {
    try {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        await start(next.value);
        if (failures.length > 0) return;
      }
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({length: limit}, worker));
  await Promise.all(underWay);
  if (failures.length === 0) return;
  await iterator.return?.();
  throw failures[0];
}

/** The same items in the same order, read from the source as fast as it gives them, until nobody wants more. */
export async function* readAhead<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item> {
  const read: Item[] = [];
  let isOver = false;
  let isWanted = true;
  let wake = (): void => {};
  const reading = (async () => {
    try {
      for await (const item of source) {
        if (!isWanted) return;
        read.push(item);
        wake();
      }
    } finally {
      isOver = true;
      wake();
    }
  })();
  // Its failure is passed on below, behind the items that came before it.
  reading.catch(() => {});
  try {
    for (let next = 0; ; next += 1) {
      while (next >= read.length && !isOver) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (next >= read.length) break;
      yield read[next] as Item;
      delete read[next];
    }
    await reading;
  } finally {
    isWanted = false;
  }
}

/** Doing many things at once, but not all of them. */

/**
 * Calls `work` for every item, at most `limit` at a time, in order of the items. Resolves when all
 * are done; the first rejection stops new ones from being started and is passed on.
 */
export async function forEachLimited<Item>(
  items: AsyncIterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  let failed = false;
  const worker = async (): Promise<void> => {
    try {
      for (let next = await iterator.next(); !next.done && !failed; next = await iterator.next()) {
        await work(next.value);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  await Promise.all(Array.from({length: limit}, worker));
}

/** The same items in the same order, read from the source as fast as it gives them. */
export async function* readAhead<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item> {
  const read: Item[] = [];
  let isOver = false;
  let wake = (): void => {};
  const reading = (async () => {
    try {
      for await (const item of source) {
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
}

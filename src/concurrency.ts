/** Doing many things at once, but not all of them. */

/**
 * Calls `work` for every item, at most `limit` at a time, in order of the items. Resolves when all
 * are done; the first rejection stops new ones from being started and is passed on.
 */
export async function forEachLimited<Item>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done && !failed; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({length: limit}, worker));
}

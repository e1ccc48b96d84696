/** Which blocks are looked at when not all of them are: by chance, and the same ones for the same seed. Pure. */
import {createHash} from 'node:crypto';

/** About so many percent of the items, in their order; at least one of them, and at 100 all. */
export async function* sampled<Item extends {readonly index: number}>(
  items: AsyncIterable<Item>,
  percent: number,
  seed: string,
): AsyncGenerator<Item> {
  const drawn = draw(seed);
  let isAny = false;
  let spare: {readonly item: Item; readonly lot: number} | undefined;
  for await (const item of items) {
    const lot = drawn(item.index);
    if (lot * 100 < percent) {
      isAny = true;
      yield item;
    } else if (spare === undefined || lot < spare.lot) {
      spare = {item, lot};
    }
  }
  if (!isAny && spare) yield spare.item;
}

/** A number from 0 up to 1 for each index: MurmurHash3's finaliser is as good as chance, and quick. */
function draw(seed: string): (index: number) => number {
  const salt = createHash('sha256').update(seed).digest().readUInt32LE();
  return (index) => {
    let hash = Math.imul(index, 0x9e3779b1) ^ salt;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
  };
}

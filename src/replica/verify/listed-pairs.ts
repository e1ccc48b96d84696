/** Two lists of blocks beside each other. Pure but for the lists, which come page by page. */
import type {BlockPage, BlockRef} from '../../ec2/blocks/list-blocks.ts';

/** A place where at least one of two snapshots has a block. */
export interface Pair {
  readonly index: number;
  readonly source?: BlockRef;
  readonly copy?: BlockRef;
}

/** Every place of either list, ascending, with a page of each in memory at a time. */
export async function* listedPairs(
  source: AsyncIterable<BlockPage>,
  copy: AsyncIterable<BlockPage>,
): AsyncGenerator<Pair> {
  const [sources, copies] = [blocksOf(source), blocksOf(copy)];
  let [one, other] = [await sources.next(), await copies.next()];
  while (!one.done || !other.done) {
    const [left, right] = [one.done ? undefined : one.value, other.done ? undefined : other.value];
    const index = Math.min(left?.index ?? Number.POSITIVE_INFINITY, right?.index ?? Number.POSITIVE_INFINITY);
    const isLeft = left?.index === index;
    const isRight = right?.index === index;
    yield {index, ...(left && isLeft && {source: left}), ...(right && isRight && {copy: right})};
    if (isLeft) one = await sources.next();
    if (isRight) other = await copies.next();
  }
}

async function* blocksOf(pages: AsyncIterable<BlockPage>): AsyncGenerator<BlockRef> {
  for await (const {blocks} of pages) yield* blocks;
}

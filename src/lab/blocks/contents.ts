/** What is in the blocks of a snapshot. */
import type {Snapshot} from '../state/entities.ts';

/** A block as the EBS direct APIs have it, in bytes. */
export const BLOCK_SIZE = 512 * 1024;

/** Where the blocks are. */
export interface Contents {
  /** The blocks that were ever written, ascending; of others nobody hears. */
  indexes(snapshot: Snapshot): Promise<readonly number[]>;
  /** One of them. */
  block(snapshot: Snapshot, index: number): Promise<Uint8Array>;
}

/** Where a volume was written, there may be nothing but zeros; copying leaves some of that out. */
export function isWrittenEmpty({copyOf}: Snapshot, index: number): boolean {
  return copyOf === undefined && index % 97 === 13;
}

/** Blocks as they are, but for a copy with a flaw: one bit of one block of it is another. */
export function withFlaws(contents: Contents): Contents {
  return {
    indexes: (snapshot) => contents.indexes(snapshot),
    block: async (snapshot, index) => {
      const block = await contents.block(snapshot, index);
      if (!snapshot.isFlawed) return block;
      const indexes = await contents.indexes(snapshot);
      return index === indexes[indexes.length >> 1] ? flipped(block) : block;
    },
  };
}

/** The same bytes but for one bit. */
export function flipped(block: Uint8Array): Uint8Array {
  const other = Uint8Array.from(block);
  other[other.length >> 1] = (other[other.length >> 1] ?? 0) ^ 1;
  return other;
}

/** Blocks where there are no disks: the same for a snapshot and its copies, and little else for the next of its volume. */
import {createHash} from 'node:crypto';
import {BLOCK_SIZE, type Contents, isWrittenEmpty} from './contents.ts';

const BLOCKS_PER_GIB = 2 ** 30 / BLOCK_SIZE;
/** One of so many was ever written. */
const SPARSENESS = 128;
/** One of so many is another in each snapshot. */
const CHANGED = 8;

/** Makes them of the name of the volume and of the snapshot that it is, or is a copy of. */
export const madeUpContents: Contents = {
  indexes: async (snapshot) => {
    const seed = seedOf(snapshot.lineage);
    const indexes: number[] = [];
    for (let index = 0; index < snapshot.sizeGiB * BLOCKS_PER_GIB; index++) {
      if (isFull(seed, index) || isWrittenEmpty(snapshot, index)) indexes.push(index);
    }
    return indexes;
  },
  block: async ({lineage, content, id}, index) => {
    if (!isFull(seedOf(lineage), index)) return Buffer.alloc(BLOCK_SIZE);
    const origin = content ?? id;
    const isChanged = mixed(seedOf(origin), index) % CHANGED === 0;
    return Buffer.alloc(
      BLOCK_SIZE,
      createHash('sha256')
        .update(`${isChanged ? origin : lineage} ${index}`)
        .digest(),
    );
  },
};

function isFull(seed: number, index: number): boolean {
  return index === 0 || mixed(seed, index) % SPARSENESS === 0;
}

function seedOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32LE();
}

/** The finaliser of MurmurHash3. */
function mixed(seed: number, index: number): number {
  let hash = Math.imul(seed ^ index, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

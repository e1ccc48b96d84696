/** The blocks of snapshots that lie on the lab's disks. */
import type {Disks} from '../hardware/disks/disks.ts';
import {bytesOf} from '../hardware/volume-blocks.ts';
import type {Snapshot} from '../state/entities.ts';
import type {World} from '../world.ts';
import {BLOCK_SIZE, type Contents, isWrittenEmpty} from './contents.ts';

const ZEROS = Buffer.alloc(BLOCK_SIZE);
/** Snapshots whose blocks are remembered: who lists one asks for pages of it. */
const REMEMBERED = 50;

/** Reads them from the disks. */
export function realContents(disks: Disks, world: World): Contents {
  const known = new Map<string, Promise<readonly number[]>>();
  const block = ({id}: Snapshot, index: number) =>
    disks.readSnapshot(id, {position: index * BLOCK_SIZE, length: BLOCK_SIZE});
  const written = async (snapshot: Snapshot): Promise<readonly number[]> => {
    const count = Math.ceil(bytesOf(snapshot.sizeGiB, world) / BLOCK_SIZE);
    const indexes: number[] = [];
    for (let index = 0; index < count; index++) {
      if (isWrittenEmpty(snapshot, index) || !ZEROS.equals(await block(snapshot, index))) indexes.push(index);
    }
    return indexes;
  };
  return {
    indexes: (snapshot) => {
      const found = known.get(snapshot.id) ?? written(snapshot);
      known.delete(snapshot.id);
      known.set(snapshot.id, found);
      for (const id of known.keys()) if (known.size > REMEMBERED) known.delete(id);
      found.catch(() => known.delete(snapshot.id));
      return found;
    },
    block,
  };
}

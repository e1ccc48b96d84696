/** The blocks that a snapshot has, by the EBS direct APIs. */
import type {Ec2} from '../client.ts';
import type {Region, SnapshotId} from '../ids.ts';

/** A block of a snapshot: its place, and what it is asked for with for a week. */
export interface BlockRef {
  readonly index: number;
  readonly token: string;
}

/** A page of the list, and how large blocks are in bytes. */
export interface BlockPage {
  readonly blocks: readonly BlockRef[];
  readonly blockSize: number;
}

/** The most that AWS gives. */
const PAGE_SIZE = 10_000;

/**
 * The pages of the list, ascending; of blocks that were never written nothing is said. A page may be empty and not be
 * the last. The snapshot must be completed. @throws Ec2Error
 */
export async function* listBlocks(
  ec2: Ec2,
  region: Region,
  snapshot: SnapshotId,
  signal?: AbortSignal,
): AsyncGenerator<BlockPage> {
  let token: string | undefined;
  do {
    const {
      Blocks = [],
      BlockSize = 0,
      NextToken,
    } = await ec2.call(
      region,
      'ListSnapshotBlocks',
      {SnapshotId: snapshot, MaxResults: PAGE_SIZE, ...(token === undefined ? {} : {NextToken: token})},
      signal,
    );
    yield {
      blocks: Blocks.map(({BlockIndex: index = 0, BlockToken = ''}) => ({index, token: BlockToken})),
      blockSize: BlockSize,
    };
    token = NextToken || undefined;
  } while (token !== undefined);
}

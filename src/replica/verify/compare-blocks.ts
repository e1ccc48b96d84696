/** Whether a copy of a snapshot holds the same data, block by block, without a volume being made of either. */
import {forEachLimited} from '../../concurrency.ts';
import {listBlocks} from '../../ec2/blocks/list-blocks.ts';
import {readBlock} from '../../ec2/blocks/read-block.ts';
import type {Ec2} from '../../ec2/client.ts';
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import {listedPairs, type Pair} from './listed-pairs.ts';
import {sampled} from './sample.ts';

export interface Place {
  readonly region: Region;
  readonly id: SnapshotId;
}

export interface CompareRequest {
  readonly source: Place;
  readonly copy: Place;
  /** Above 0, at most 100: what part of the blocks is compared; at least one is. */
  readonly percent: number;
  /** The same seed chooses the same blocks. */
  readonly seed: string;
  readonly signal?: AbortSignal;
  /** Called with the blocks compared so far. */
  readonly onProgress?: (blocks: number) => void;
}

export interface Comparison {
  readonly blocks: number;
  /** Of the data on one side. */
  readonly bytes: number;
  /** The first block that differs among those that were chosen; later ones were not looked for. */
  readonly difference?: number;
}

/** Pairs at a time: each holds two blocks of half a MiB. */
const AT_ONCE = 16;

/**
 * Compares the chosen blocks of two completed snapshots. A block that one side does not have is zeros there, as one
 * that was never written is. @throws Ec2Error; FtaskError `DamagedBlock`
 */
export async function compareBlocks(ec2: Ec2, request: CompareRequest): Promise<Comparison> {
  const {source, copy, percent, seed, signal, onProgress = () => {}} = request;
  const listed = ({region, id}: Place) => listBlocks(ec2, region, id, signal);
  const chosen = sampled(listedPairs(listed(source), listed(copy)), percent, seed);
  let [blocks, bytes] = [0, 0];
  let difference: number | undefined;
  // Pairs are begun in order, so those before a difference are all looked at when no more are begun.
  const untilDifference = async function* () {
    for await (const pair of chosen) {
      if (difference !== undefined) return;
      yield pair;
    }
  };
  await forEachLimited(untilDifference(), Math.min(AT_ONCE, ec2.concurrency), async (pair) => {
    const [one, other] = await dataOf(ec2, pair, request);
    blocks += 1;
    bytes += Math.max(one?.length ?? 0, other?.length ?? 0);
    onProgress(blocks);
    if (!isSame(one, other)) difference = Math.min(difference ?? pair.index, pair.index);
  });
  return {blocks, bytes, ...(difference !== undefined && {difference})};
}

function dataOf(
  ec2: Ec2,
  pair: Pair,
  {source, copy, signal}: CompareRequest,
): Promise<readonly (Uint8Array | undefined)[]> {
  const read = async ({region, id}: Place, ref: Pair['source']) =>
    ref && readBlock(ec2, region, id, ref, signal);
  return Promise.all([read(source, pair.source), read(copy, pair.copy)]);
}

function isSame(one: Uint8Array = new Uint8Array(), other: Uint8Array = new Uint8Array()): boolean {
  if (one.length === other.length) return Buffer.compare(one, other) === 0;
  if (one.length > 0 && other.length > 0) return false;
  return isZeros(one) && isZeros(other);
}

function isZeros(bytes: Uint8Array): boolean {
  return Buffer.alloc(bytes.length).equals(bytes);
}

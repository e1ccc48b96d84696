/** ListSnapshotBlocks and ListChangedBlocks. */
import {createHash} from 'node:crypto';
import type {Call} from '../api/call.ts';
import type {Snapshot} from '../state/entities.ts';
import {invalid} from './block-error.ts';
import {BLOCK_SIZE, type Contents} from './contents.ts';
import {readable} from './readable.ts';
import {blockToken, pageStart, pageToken, TOKEN_LIFE_MS} from './tokens.ts';

const MIN_PAGE = 100;
const MAX_PAGE = 10_000;
const USUAL_PAGE = 1000;
/** Blocks of the volume that one page looks at: a page of a sparse volume may be empty and not be the last. */
const SPAN = 65_536;
const BLOCKS_PER_GIB = 2 ** 30 / BLOCK_SIZE;

/** Where listing comes from. */
export interface Listing {
  readonly call: Call;
  readonly contents: Contents;
  readonly query: URLSearchParams;
}

/** The blocks that a snapshot has. */
export async function listSnapshotBlocks(id: string, {call, contents, query}: Listing): Promise<object> {
  const snapshot = readable(id, call);
  const {indexes, ...page} = pageOf(await contents.indexes(snapshot), query, {
    question: `${call.region} ${id}`,
    sizeGiB: snapshot.sizeGiB,
  });
  return {
    Blocks: indexes.map((index) => ({BlockIndex: index, BlockToken: blockToken(id, index, call.now)})),
    ...about(snapshot, call),
    ...page,
  };
}

/** The blocks that are not the same in two snapshots of one volume; without a first one, all of the second. */
export async function listChangedBlocks(secondId: string, {call, contents, query}: Listing): Promise<object> {
  const second = readable(secondId, call);
  const firstId = query.get('firstSnapshotId');
  const first = firstId === null ? undefined : readable(firstId, call);
  if (first && first.lineage !== second.lineage) {
    throw invalid('UNRELATED_SNAPSHOTS', `The snapshots ${first.id} and ${second.id} are not of one volume`);
  }
  const changed = await changedBlocks(first, second, contents);
  const {indexes, ...page} = pageOf([...changed.keys()], query, {
    question: `${call.region} ${firstId} ${secondId}`,
    sizeGiB: second.sizeGiB,
  });
  return {
    ChangedBlocks: indexes.map((index) => ({
      BlockIndex: index,
      ...(first && changed.get(index)?.inFirst && {FirstBlockToken: blockToken(first.id, index, call.now)}),
      ...(changed.get(index)?.inSecond && {SecondBlockToken: blockToken(second.id, index, call.now)}),
    })),
    ...about(second, call),
    ...page,
  };
}

interface Presence {
  readonly inFirst: boolean;
  readonly inSecond: boolean;
}

async function changedBlocks(
  first: Snapshot | undefined,
  second: Snapshot,
  contents: Contents,
): Promise<ReadonlyMap<number, Presence>> {
  const [before, after] = [
    new Set(first ? await contents.indexes(first) : []),
    new Set(await contents.indexes(second)),
  ];
  const changed = new Map<number, Presence>();
  for (const index of [...new Set([...before, ...after])].sort((a, b) => a - b)) {
    const presence = {inFirst: before.has(index), inSecond: after.has(index)};
    const isSame =
      first &&
      presence.inFirst &&
      presence.inSecond &&
      Buffer.compare(await contents.block(first, index), await contents.block(second, index)) === 0;
    if (!isSame) changed.set(index, presence);
  }
  return changed;
}

function about({sizeGiB}: Snapshot, {now}: Call): object {
  return {ExpiryTime: (now + TOKEN_LIFE_MS) / 1000, VolumeSize: sizeGiB, BlockSize: BLOCK_SIZE};
}

/** With a token it does not matter where the caller wanted to start. */
function pageOf(
  all: readonly number[],
  query: URLSearchParams,
  {question, sizeGiB}: {readonly question: string; readonly sizeGiB: number},
): {readonly indexes: readonly number[]; readonly NextToken?: string} {
  const asked = createHash('sha256').update(question).digest('hex').slice(0, 16);
  const token = query.get('pageToken');
  const from = token === null ? numberIn(query, 'startingBlockIndex', 0) : pageStart(token, asked);
  if (from === undefined) throw invalid('INVALID_PAGE_TOKEN', 'The page token is not valid');
  const size = Math.max(MIN_PAGE, numberIn(query, 'maxResults', USUAL_PAGE));
  if (size > MAX_PAGE) throw invalid('INVALID_PARAMETER_VALUE', `maxResults is ${MAX_PAGE} at most`);
  const inSpan = all.filter((index) => index >= from && index < from + SPAN);
  const next = inSpan[size] ?? from + SPAN;
  return {
    indexes: inSpan.slice(0, size),
    ...(next < sizeGiB * BLOCKS_PER_GIB && {NextToken: pageToken(asked, next)}),
  };
}

function numberIn(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalid('INVALID_PARAMETER_VALUE', `Invalid value '${text}' for ${name}`);
}

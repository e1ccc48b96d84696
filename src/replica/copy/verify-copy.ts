/** Proves that a completed copy is one: its size, its tags, its encryption and, where asked for, its blocks. */
import type {SnapshotId} from '../../ec2/ids.ts';
import {LOOKS_MS} from '../../ec2/scratch/make/make-once.ts';
import {type OwnSnapshot, snapshotsById} from '../../ec2/snapshots/own-snapshots.ts';
import {tagResources} from '../../ec2/tag-resources.ts';
import {FtaskError} from '../../errors.ts';
import {counted} from '../../words.ts';
import type {Order} from '../method.ts';
import {VERIFY_TAG} from '../plan/source.ts';
import {compareBlocks} from '../verify/compare-blocks.ts';
import {CopyFailed} from './copy-failed.ts';
import type {CopySite} from './site.ts';

/**
 * One that was adopted is known by its identity already, and has the tags of its own run. @throws CopyFailed; FtaskError
 * `NotVerified` when nobody could tell: it stays then, marked as not compared
 */
export async function verifyCopy(
  site: CopySite,
  order: Order,
  copy: OwnSnapshot,
  {isAdopted}: {readonly isAdopted: boolean},
): Promise<void> {
  const {source} = order.item;
  // One that rsync has made on an older, larger replica stays as large as that.
  const isWrongSize = isAdopted ? copy.sizeGiB < source.sizeGiB : copy.sizeGiB !== source.sizeGiB;
  if (isWrongSize) {
    throw new CopyFailed(copy, `has ${copy.sizeGiB} GiB and ${source.id} has ${source.sizeGiB} GiB`);
  }
  const mustBeEncrypted = source.isEncrypted || site.wish.encrypted || site.kmsKey !== undefined;
  if (mustBeEncrypted && !copy.isEncrypted) throw new CopyFailed(copy, 'is not encrypted');
  if (!isAdopted) await verifyTags(site, order, copy);
  if (site.wish.verifyPercent > 0) await verifyBlocks(site, order, copy);
}

async function verifyBlocks(site: CopySite, {item: {source}, say}: Order, copy: OwnSnapshot): Promise<void> {
  const {ec2, run, to, wish} = site;
  const {difference} = await compareBlocks(ec2, {
    source: {region: source.region, id: source.id},
    copy: {region: to, id: copy.id},
    percent: wish.verifyPercent,
    seed: `${run.runId} ${source.id}`,
    signal: run.signal,
    onProgress: (blocks) => say(`${copy.id}: ${counted(blocks, 'block')} compared`),
  }).catch((cause: unknown) => {
    if (!(cause instanceof FtaskError)) throw cause;
    throw new FtaskError('NotVerified', `${copy.id} is complete, but was not compared: ${cause.message}`, {
      hint: 'It stays, and the next run with --verify compares it.',
      cause,
    });
  });
  if (difference !== undefined)
    throw new CopyFailed(copy, `is not the same as ${source.id} in block ${difference}`);
  await mark(site, copy.id, `${wish.verifyPercent}%`);
}

/** For the next run, should this one be cut off before it has compared what it adopts. */
export async function markUncompared(site: CopySite, copy: SnapshotId): Promise<void> {
  if (site.wish.verifyPercent > 0) await mark(site, copy, 'pending');
}

async function mark({ec2, run, to}: CopySite, copy: SnapshotId, value: string): Promise<void> {
  await tagResources(ec2, to, [copy], {[VERIFY_TAG]: value}).catch((error: Error) =>
    run.progress.warn(`${to}: ${copy} does not get the tag ${VERIFY_TAG}=${value}: ${error.message}`),
  );
}

/** What is new may be listed without its tags for a while. */
async function verifyTags({ec2, to}: CopySite, {tags}: Order, copy: OwnSnapshot): Promise<void> {
  let seen: OwnSnapshot | undefined = copy;
  for (const pauseMs of LOOKS_MS) {
    if (seen && lacking(seen, tags).length === 0) return;
    await ec2.clock.sleep(pauseMs);
    [seen] = await snapshotsById(ec2, to, [copy.id]);
  }
  const missing = lacking(seen ?? copy, tags);
  if (missing.length > 0)
    throw new CopyFailed(copy, `lacks tags that it was made with: ${missing.join(', ')}`);
}

function lacking({tags}: OwnSnapshot, wanted: Order['tags']): string[] {
  return Object.keys(wanted).filter((key) => tags[key] !== wanted[key]);
}

/** What else a few snapshots are used for, asked just before they are deleted. */
import type {Region} from '../../../ec2/ids.ts';
import {archivedAt} from '../../../ec2/snapshots/archive.ts';
import {imagesBySnapshot} from '../../../ec2/snapshots/image-use.ts';
import type {OwnSnapshot} from '../../../ec2/snapshots/own-snapshots.ts';
import {locksIfTold} from './gather-region.ts';
import {UNUSED, type Uses} from './holds.ts';
import type {Look} from './look.ts';
import {sharesOf} from './shares.ts';

/** Of up to 200 snapshots, all but the copies that are being made of them. @throws Ec2Error */
export async function usesOf(look: Look, region: Region, snapshots: readonly OwnSnapshot[]): Promise<Uses> {
  if (snapshots.length === 0) return UNUSED;
  const {ec2, progress, signal} = look;
  const ids = snapshots.map(({id}) => id);
  const archived = snapshots.filter(({isArchived}) => isArchived).map(({id}) => id);
  const [images, locked, archivedTimes, sharedWith] = await Promise.all([
    imagesBySnapshot(ec2, region, ids, signal),
    locksIfTold(
      look,
      region,
      ({message}) => progress.debug(`${region}: locks are not told (${message})`),
      ids,
    ),
    archivedAt(ec2, region, archived, signal),
    sharesOf(look, region, ids),
  ]);
  return {...UNUSED, images, locked, archivedAt: archivedTimes, sharedWith};
}

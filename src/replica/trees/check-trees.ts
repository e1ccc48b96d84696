/** Everything that can be wrong with two trees is found before anything is touched. */
import {checkLabel, hasLabel} from '../../disk/filesystem/label-rules.ts';
import {RefusedError, UsageError} from '../../errors.ts';
import {bytesText} from '../../words.ts';
import type {End} from './channel.ts';
import {lookAtTree, type Tree} from './tree.ts';

export interface TreeEnd extends End {
  readonly mountPoint: string;
}

export interface CheckedTrees {
  readonly from: Tree;
  readonly to: Tree;
}

const OLDEST_RSYNC = [3, 2, 3] as const;

/** @throws RefusedError, UsageError with what is wrong; nothing was changed */
export async function checkTrees(source: TreeEnd, target: TreeEnd): Promise<CheckedTrees> {
  for (const {mountPoint} of [source, target]) {
    if (!mountPoint.startsWith('/') || /\p{Cc}/u.test(mountPoint))
      throw new UsageError(
        'BadMountPoint',
        `${JSON.stringify(mountPoint)} is no mount point: give an absolute path`,
      );
  }
  const [from, to] = await Promise.all([
    lookAtTree(source.host, source.mountPoint),
    lookAtTree(target.host, target.mountPoint),
  ]);
  checkRsync(source, from);
  checkRsync(target, to);
  const [given, taken] = [nameOf(source), nameOf(target)];
  if (from.identity === to.identity)
    throw new RefusedError('SameFilesystem', `${given} and ${taken} are one and the same filesystem`);
  if (to.mountPoint === '/') {
    throw new RefusedError('RootOfDestination', `${taken} is the system that ${target.host.name} runs on`, {
      hint: 'Attach another volume and mount it elsewhere.',
    });
  }
  if (to.isReadOnly)
    throw new RefusedError('ReadOnly', `${taken} takes no writes`, {hint: 'Mount it read-write.'});
  checkLabels(taken, from, to);
  return {from, to};
}

/** Whether all of a filesystem fits into another one, going by what it has in use: the excluded count in, too. */
export function hasRoom({from, to}: CheckedTrees): boolean {
  return from.usedBytes <= to.usedBytes + to.freeBytes;
}

/** @throws RefusedError when files of so many bytes cannot fit */
export function refuseTooSmall(target: TreeEnd, bytes: number, {to}: CheckedTrees): void {
  const room = to.usedBytes + to.freeBytes;
  if (bytes <= room) return;
  throw new RefusedError(
    'TooSmall',
    `${nameOf(target)} has room for ${bytesText(room)}, and ${bytesText(bytes)} are to be copied`,
    {hint: 'Enlarge its volume and grow the filesystem, or exclude something.'},
  );
}

/** `web1: /srv`. */
export function nameOf({host, mountPoint}: TreeEnd): string {
  return `${host.name}: ${mountPoint}`;
}

function checkRsync({host}: End, {rsync, rsyncLacks}: Tree): void {
  const wanted = OLDEST_RSYNC.join('.');
  const hint = `Install rsync ${wanted} or later on ${host.name}.`;
  if (rsync === undefined) throw new RefusedError('NoRsync', `${host.name} has no rsync`, {hint});
  if (isOlder(rsync.split('.').map(Number), OLDEST_RSYNC))
    throw new RefusedError('RsyncTooOld', `${host.name} has rsync ${rsync}, and ${wanted} is needed`, {hint});
  if (rsyncLacks.length === 0) return;
  throw new RefusedError(
    'RsyncTooSimple',
    `${host.name}: its rsync was built without ${rsyncLacks.join(' and ')}`,
    {
      hint,
    },
  );
}

function isOlder(version: readonly number[], than: readonly number[]): boolean {
  const index = than.findIndex((part, at) => part !== version[at]);
  return index >= 0 && (version[index] ?? 0) < (than[index] ?? 0);
}

/** Only what both can have is copied: another type may have no label, but must not lose a part of one. */
function checkLabels(taken: string, from: Tree, to: Tree): void {
  if (from.label === undefined || from.label === to.label || !hasLabel(to.type)) return;
  try {
    checkLabel(to.type, from.label);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new RefusedError('BadLabel', `${taken}: ${error.message}`, {
      hint: 'Give the source another label, or the destination the same type of filesystem.',
      cause: error,
    });
  }
}

/** The mounts that a process sees, from /proc/self/mountinfo (proc(5)). */
import {unescapeOctal} from '../escaped-bytes.ts';

export interface Mount {
  readonly id: number;
  readonly parentId: number;
  /** Of its filesystem, `major:minor`; the major is 0 where the kernel made the number up, as for btrfs. */
  readonly number: string;
  /** What part of the filesystem is mounted: `/` for all of it. */
  readonly root: string;
  readonly mountPoint: string;
  readonly type: string;
  /** What was mounted, as the kernel calls it: a device node, most often. */
  readonly source: string;
  /** The filesystem takes no writes, wherever it is mounted. */
  readonly readOnly: boolean;
}

/** In the table's own order. A line that is none of a mount is left out. */
export function parseMountTable(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const mount = parseLine(line);
    return mount ? [mount] : [];
  });
}

/**
 * Whether its mount point leads to it. It does not when another mount lies on the same place or above it;
 * a path would then lead to the other filesystem.
 */
export function isReachable(mount: Mount, all: readonly Mount[]): boolean {
  // The very first mount is its own parent.
  const mounted = all.filter(({id, parentId}) => id !== parentId);
  if (mounted.some(({parentId, mountPoint}) => parentId === mount.id && mountPoint === mount.mountPoint))
    return false;
  for (let step: Mount | undefined = mount; step; step = mounted.find(({id}) => id === step?.parentId))
    if (isCovered(step, mounted)) return false;
  return true;
}

function parseLine(line: string): Mount | undefined {
  const [left = '', right] = line.split(' - ');
  // The fields in front of the dash vary in number: the optional ones stand last.
  const [id, parentId, number, root, mountPoint] = left.split(' ');
  const [type, source, options] = right?.split(' ') ?? [];
  if (number === undefined || root === undefined || mountPoint === undefined) return undefined;
  if (type === undefined || source === undefined) return undefined;
  return {
    id: Number(id),
    parentId: Number(parentId),
    number,
    root: unescapeOctal(root),
    mountPoint: unescapeOctal(mountPoint),
    type,
    source: unescapeOctal(source),
    readOnly: (options ?? '').split(',').includes('ro'),
  };
}

function isCovered(mount: Mount, all: readonly Mount[]): boolean {
  return all.some(
    (other) => other.parentId === mount.parentId && isBelow(mount.mountPoint, other.mountPoint),
  );
}

function isBelow(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

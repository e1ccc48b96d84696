/** The public images that every region has: they belong to someone else, as do their snapshots. */
import {newId} from '../random.ts';
import type {Changes} from '../state/changes.ts';

const VENDOR = '136693071363';
const ARCHITECTURES = ['x86_64', 'arm64'] as const;
/** As large as Debian's own. */
export const IMAGE_GIB = 8;

/** Adds one image for each architecture and returns their ids, x86_64 first. */
export function debianImages(
  region: string,
  createdAt: number,
  changes: Changes,
  random: () => number,
): readonly [x86: string, arm: string] {
  const [x86, arm] = ARCHITECTURES.map((architecture) => {
    const name = `debian-12-${architecture === 'arm64' ? 'arm64' : 'amd64'}`;
    const snapshotId = newId('snap', random);
    const common = {region, owner: VENDOR, tags: {}, createdAt, visibleAt: createdAt, isPublic: true};
    changes.put('snapshot', {
      ...common,
      id: snapshotId,
      volumeId: 'vol-ffffffff',
      lineage: snapshotId,
      sizeGiB: IMAGE_GIB,
      description: `Created for ${name}`,
      encrypted: false,
      beginsAt: createdAt,
      completesAt: createdAt,
      sharedWith: [],
    });
    const id = newId('ami', random);
    changes.put('image', {
      ...common,
      id,
      name,
      description: 'Debian 12',
      architecture,
      rootDevice: '/dev/xvda',
      availableAt: createdAt,
      disks: [{device: '/dev/xvda', snapshotId, sizeGiB: IMAGE_GIB, type: 'gp3', deleteOnTermination: true}],
    });
    return id;
  });
  return [x86 ?? '', arm ?? ''];
}

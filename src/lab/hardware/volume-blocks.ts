/** The blocks that volumes and snapshots begin with. */
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {IMAGE_GIB} from '../fleet/images.ts';
import type {Volume} from '../state/entities.ts';
import type {World} from '../world.ts';
import type {Disks} from './disks/disks.ts';
import {makeRootImage} from './machines/image/root-image.ts';

const MIB = 2 ** 20;
/** The snapshot that every image's root disk is a copy of. */
const ROOT_IMAGE = 'root-image';

/** How many real bytes a volume has. */
export function bytesOf(sizeGiB: number, {origin}: World): number {
  return sizeGiB * (origin.mibPerGib ?? 0) * MIB;
}

/** Makes the system that images hold; made once in the life of a lab. */
export async function makeImages(folder: string, world: World, disks: Disks): Promise<void> {
  if (!disks.has('snapshot', ROOT_IMAGE)) {
    const file = join(folder, 'root.img');
    await makeRootImage(file, bytesOf(IMAGE_GIB, world) / MIB);
    await disks.importSnapshot(ROOT_IMAGE, file);
    await rm(file);
  }
  for (const id of imageSnapshots(world)) {
    if (!disks.has('snapshot', id)) await disks.copySnapshot(ROOT_IMAGE, id);
  }
}

/** Gives a volume that the lab began with its blocks: a system to boot from, or the filesystem it is described with. */
export async function makeSeedVolume(volume: Volume, world: World, disks: Disks): Promise<void> {
  const {id, region, sizeGiB, attachments, seededWith} = volume;
  if (disks.has('volume', id)) return;
  const isRoot = attachments.some(
    ({instanceId, device}) => world.store.get('instance', region, instanceId)?.rootDevice === device,
  );
  if (isRoot) return makeRootVolume(id, sizeGiB, world, disks);
  await disks.createVolume(id, bytesOf(sizeGiB, world));
  if (seededWith) await disks.format(id, seededWith.filesystem);
}

/** A disk to boot from, at least as large as the image; one that is there stays as it is. */
export async function makeRootVolume(id: string, sizeGiB: number, world: World, disks: Disks): Promise<void> {
  if (disks.has('volume', id)) return;
  await disks.createVolume(id, bytesOf(Math.max(sizeGiB, IMAGE_GIB), world), ROOT_IMAGE);
}

function imageSnapshots({fleet, store}: World): string[] {
  return Object.keys(fleet.regions)
    .flatMap((region) => [...store.all('image', region)])
    .filter(({owner}) => owner !== fleet.account)
    .flatMap(({disks}) => disks.map(({snapshotId}) => snapshotId));
}

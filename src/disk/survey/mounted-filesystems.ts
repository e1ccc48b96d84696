/** The filesystems that are mounted from some devices, each once however often it is mounted. */
import {type BlockDevice, stackOf} from './block-devices.ts';
import {isReachable, type Mount} from './mount-table.ts';
import type {Survey} from './survey.ts';

export interface MountedFilesystem {
  /** A place that leads to it: `/` for the root, else of the whole filesystem rather than of a part. */
  readonly mountPoint: string;
  readonly type: string;
  /** Path of the device that it lies on. */
  readonly device: string;
  readonly isRoot: boolean;
  /** It takes no writes, wherever it is mounted. */
  readonly readOnly: boolean;
}

export interface MountedOn {
  /** By mount point. */
  readonly mounts: readonly MountedFilesystem[];
  /** No path leads to these, so nothing can be done with them. */
  readonly hidden: readonly Mount[];
}

/** What is mounted of these devices. A filesystem on several devices is on each of them. */
export function mountedOn(devices: readonly BlockDevice[], survey: Survey): MountedOn {
  const filesystems = new Map<string, Mount[]>();
  for (const mount of survey.mounts) {
    const backing = survey.devicesOf(mount);
    if (!devices.some(({number}) => backing.includes(number))) continue;
    const key = backing.join();
    filesystems.set(key, [...(filesystems.get(key) ?? []), mount]);
  }
  const mounts: MountedFilesystem[] = [];
  const hidden: Mount[] = [];
  for (const all of filesystems.values()) {
    const best = bestOf(all.filter((mount) => isReachable(mount, survey.mounts)));
    if (best) mounts.push(toFilesystem(best, devices, survey));
    else hidden.push(...all.slice(0, 1));
  }
  return {mounts: mounts.sort((a, b) => (a.mountPoint < b.mountPoint ? -1 : 1)), hidden};
}

/** The device that a path of the host leads to. */
export function deviceAt(path: string, {devices, nodes}: Survey): BlockDevice | undefined {
  const wanted = nodes.numberOf(path);
  return devices.flatMap(stackOf).find(({number}) => number === wanted);
}

/** Where a device is mounted, if a path leads there. */
export function mountPointOf(path: string, survey: Survey): string | undefined {
  const device = deviceAt(path, survey);
  return device && mountedOn([device], survey).mounts[0]?.mountPoint;
}

function bestOf(mounts: readonly Mount[]): Mount | undefined {
  return mounts.find(isRoot) ?? mounts.find(({root}) => root === '/') ?? mounts[0];
}

function isRoot({mountPoint}: Mount): boolean {
  return mountPoint === '/';
}

function toFilesystem(mount: Mount, devices: readonly BlockDevice[], survey: Survey): MountedFilesystem {
  const backing = survey.devicesOf(mount);
  const device = devices.find(({number}) => backing.includes(number));
  const {mountPoint, type, readOnly, source} = mount;
  return {mountPoint, type, device: device ? survey.pathOf(device) : source, isRoot: isRoot(mount), readOnly};
}

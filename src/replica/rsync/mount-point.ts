/** Where volumes are mounted, each in a folder that is called by its id. Pure. */
import type {VolumeId} from '../../ec2/ids.ts';

export function mountPointOf(volume: VolumeId): string {
  return `/mnt/ftask-${volume}`;
}

/** Whether it is one of ours, of whatever run. */
export function isMountPoint(path: string): boolean {
  return /^\/mnt\/ftask-vol-\w+$/.test(path);
}

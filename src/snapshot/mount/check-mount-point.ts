/** Whether there is a free place for a mount on an instance that is there already. */
import {lookAtMountPoint} from '../../disk/mount/mount-point.ts';
import {unmountDead} from '../../disk/mount/unmount-dead.ts';
import type {Host} from '../../host/host.ts';

/**
 * Looks before anything is made; it shows that the host is reached, too. What a killed run has left there
 * goes. @throws RefusedError when something is mounted or lies there
 */
export async function checkMountPoint(host: Host, path: string): Promise<void> {
  await unmountDead(host, (mountPoint) => mountPoint === path);
  await lookAtMountPoint(host, path);
}

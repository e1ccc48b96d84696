/** Whether there is a free place for a mount on an instance that is there already. */
import {asRoot} from '../../disk/as-root.ts';
import {lookAtMountPoint} from '../../disk/mount/mount-point.ts';
import {survey} from '../../disk/survey/survey.ts';
import {argv} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';

/**
 * Looks before anything is made; it shows that the host is reached, too. What a killed run has left there goes: a mount
 * whose disk `ftask cleanup` has taken away. @throws RefusedError when something is mounted or lies there
 */
export async function checkMountPoint(host: Host, path: string): Promise<void> {
  const {mounts, nodes, devicesOf} = await survey(host);
  const top = mounts.findLast(({mountPoint}) => mountPoint === path);
  const devices = top ? devicesOf(top) : [];
  const isDead = devices.length > 0 && devices.every((device) => nodes.pathOf(device) === undefined);
  if (isDead) await host.run(asRoot(argv('umount', '-l', path)));
  await lookAtMountPoint(host, path);
}

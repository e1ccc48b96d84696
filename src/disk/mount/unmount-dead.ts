/** Mounts that have outlived their disks. */
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';
import {survey} from '../survey/survey.ts';

/** Takes away the mounts of a killed run, whose disks `ftask cleanup` has taken away, with their folders; others stay. */
export async function unmountDead(host: Host, isOurs: (mountPoint: string) => boolean): Promise<void> {
  const {mounts, nodes, devicesOf} = await survey(host);
  const dead = mounts.filter((mount) => {
    const devices = isOurs(mount.mountPoint) ? devicesOf(mount) : [];
    return devices.length > 0 && devices.every((device) => nodes.pathOf(device) === undefined);
  });
  for (const {mountPoint} of dead.reverse())
    await host.run(asRoot(sh`umount -l ${mountPoint} && rmdir ${mountPoint}`, {accept: 'any'}));
}

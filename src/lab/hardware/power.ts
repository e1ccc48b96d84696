/** Instances on and off: a machine with its disks, its address and who may log in. */
import type {Instance} from '../state/entities.ts';
import type {World} from '../world.ts';
import type {Disks} from './disks/disks.ts';
import type {Plug} from './effects.ts';
import type {MachineDisk} from './machines/machine-spec.ts';
import type {Machines} from './machines/machines.ts';
import type {Sockets} from './sockets.ts';
import {makeRootVolume} from './volume-blocks.ts';

export interface Parts {
  readonly world: World;
  readonly disks: Disks;
  readonly machines: Machines;
  readonly sockets: Sockets;
}

/** Starts a machine with these volumes. On failure nothing of it runs. */
export async function powerOn(instance: Instance, plugs: readonly Plug[], parts: Parts): Promise<void> {
  const {world, machines, sockets} = parts;
  const {id, region, type, rootDevice, privateIp, keyName, userData, tags} = instance;
  try {
    const disks = await Promise.all([
      ...(await ownRoot(instance, plugs, parts)),
      ...plugs.map((plug) => diskOf(plug, sockets)),
    ]);
    await machines.start({
      id,
      name: tags['Name'] || id,
      region,
      type,
      address: privateIp,
      rootName: rootDevice,
      disks,
      authorizedKeys: [...world.store.all('key-pair', region)]
        .filter(({name}) => name === keyName)
        .map(({publicKey}) => publicKey),
      mounts: plugs.flatMap(({volume}) => mountOf(volume)),
      ...(userData !== undefined && {userData: Buffer.from(userData, 'base64').toString()}),
    });
  } catch (error) {
    await powerOff(id, parts);
    throw error;
  }
}

/** Ends a machine and takes its disks out. May be called twice. */
export async function powerOff(id: string, {machines, sockets}: Parts): Promise<void> {
  await machines.stop(id);
  await sockets.unplugAll(id);
}

/** Where a volume shows up in an instance. */
export async function diskOf({volume, attachment}: Plug, sockets: Sockets): Promise<MachineDisk> {
  const device = await sockets.plug(volume.id, attachment.instanceId);
  return {volumeId: volume.id, name: attachment.device, device};
}

/** What runs from instance store has a root disk that the API does not know: this one. */
export function ownRootOf(instanceId: string): string {
  return instanceId.replace(/^i-/, 'vol-');
}

async function ownRoot(
  {id, rootDevice}: Instance,
  plugs: readonly Plug[],
  {world, disks, sockets}: Parts,
): Promise<MachineDisk[]> {
  if (plugs.some(({attachment}) => attachment.device === rootDevice)) return [];
  const volumeId = ownRootOf(id);
  await makeRootVolume(volumeId, 0, world, disks);
  return [{volumeId, name: rootDevice, device: await sockets.plug(volumeId, id)}];
}

function mountOf({id, seededWith}: Plug['volume']) {
  if (seededWith?.mountPoint === undefined) return [];
  const {filesystem, mountPoint} = seededWith;
  return [{volumeId: id, mountPoint, filesystem}];
}

/** One instance that runs: its processes, disks and wire. */
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {Network} from '../network/network.ts';
import {DeviceFolder} from './device-folder.ts';
import type {DeviceName} from './device-name.ts';
import {bootProcess} from './machine-process.ts';
import type {MachineDisk, MachineSpec} from './machine-spec.ts';
import {prepareStage, seed} from './stage.ts';
import {released} from './thaw.ts';

export interface Machine {
  readonly isRunning: boolean;
  readonly hostKey: string;
  /** Ends it, unless it has ended by itself; resolves when nothing of it is left. May be called twice. */
  stop(): Promise<void>;
  addDisk(disk: MachineDisk): Promise<void>;
  removeDisk(volumeId: string): Promise<void>;
}

/** Where instances are put together. */
export interface Workshop {
  /** A private mount. */
  readonly folder: string;
  /** A `/dev` without disks, to be copied. */
  readonly devices: string;
  /** An empty folder for the mount of a moment. */
  readonly mountPoint: string;
  readonly network: Network;
}

/** Starts an instance. On failure nothing of it is left. @throws FtaskError when it does not come up */
export async function startMachine(spec: MachineSpec, workshop: Workshop): Promise<Machine> {
  const {id, type, address, region} = spec;
  const {folder, devices, mountPoint, network} = workshop;
  const stage = join(folder, id);
  const disks = new DeviceFolder(join(stage, 'dev'), type);
  const clear = async () => {
    await network.leave(address);
    await Promise.all(disks.devices.map((path) => released(path, mountPoint)));
    await rm(stage, {recursive: true, force: true});
  };
  try {
    await prepareStage(stage, spec);
    await disks.copyFrom(devices);
    const rootNode = await plugIn(spec, disks, stage);
    const connect = (pid: number) => network.join(address, region, pid);
    const running = await bootProcess({id, stage, rootNode, connect});
    let isRunning = true;
    const gone = running.ended.then(() => {
      isRunning = false;
      return clear();
    });
    // Told to who stops it.
    gone.catch(() => {});
    return {
      get isRunning() {
        return isRunning;
      },
      hostKey: running.hostKey,
      stop: async () => {
        await running.stop();
        await gone;
      },
      addDisk: async (disk) => {
        await disks.add(disk);
      },
      removeDisk: (volumeId) => disks.remove(volumeId),
    };
  } catch (error) {
    await clear();
    throw error;
  }
}

/** Puts the disks in, the root first, and tells the instance where to mount them; returns the root's node. */
async function plugIn(spec: MachineSpec, devices: DeviceFolder, stage: string): Promise<string> {
  const {disks, rootName, mounts = []} = spec;
  const names = new Map<string, DeviceName>();
  let rootNode = '';
  for (const disk of [...disks.filter(isRoot), ...disks.filter((each) => !isRoot(each))]) {
    const name = await devices.add(disk);
    names.set(disk.volumeId, name);
    if (isRoot(disk)) rootNode = name.node;
  }
  const lines = mounts.map(({volumeId, mountPoint, filesystem}) => {
    const {link, node} = names.get(volumeId) ?? {node: volumeId};
    return `/dev/${link ?? node} ${mountPoint} ${filesystem} defaults,nofail 0 2\n`;
  });
  await seed(stage, 'fstab', lines.join(''));
  return rootNode;

  function isRoot({name}: MachineDisk): boolean {
    return name === rootName;
  }
}

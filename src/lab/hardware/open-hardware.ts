/** Turns a lab's hardware on: disks, network and machines, with all that should run in it. */
import {existsSync} from 'node:fs';
import {mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {closers} from '../../closers.ts';
import {forEachLimited} from '../../concurrency.ts';
import {Changes} from '../state/changes.ts';
import type {World} from '../world.ts';
import {Addresses} from './addresses.ts';
import {type Disks, openDisks} from './disks/disks.ts';
import {plugsAfter} from './effects.ts';
import {Hardware} from './hardware.ts';
import {openMachines} from './machines/machines.ts';
import {allOf, checkSize, moveIn, shouldRun} from './move-in.ts';
import {openNetwork} from './network/network.ts';
import {completeMark, hardwareFolder, keeperLog} from './places.ts';
import {powerOn} from './power.ts';
import {Sockets} from './sockets.ts';
import {openSshAccess} from './ssh-access.ts';
import {makeImages, makeSeedVolume} from './volume-blocks.ts';

/** Formatting and booting are work for the processor. */
const AT_ONCE = 4;

export interface HardwareOptions {
  readonly stateDir: string;
  readonly world: World;
  readonly signal?: AbortSignal | undefined;
  /** Told what goes wrong where nobody waits for it. */
  readonly warn: (text: string) => void;
}

/** Hardware that runs, and how it is turned off. */
export interface OpenHardware {
  readonly hardware: Hardware;
  /** Instances go off, disks stay as they are. May be called twice. */
  close(): Promise<void>;
}

/**
 * Must run in namespaces of its own, so that nothing stays when this process is killed. Resolves when every instance
 * that should run can be logged in to. @throws UsageError LabTooLarge
 */
export async function openHardware(options: HardwareOptions): Promise<OpenHardware> {
  const {closeLater, close} = closers();
  const closing = <T extends {close(): Promise<void>}>(part: T): T => {
    closeLater(() => part.close());
    return part;
  };
  try {
    const hardware = await open(options, closing);
    closeLater(() => hardware.idle());
    return {hardware, close};
  } catch (error) {
    await close();
    throw error;
  }
}

/** Removes what a first start that did not come to its end has made; true when there was something. */
export async function removeIncomplete(stateDir: string): Promise<boolean> {
  const folder = hardwareFolder(stateDir);
  if (!existsSync(folder) || isComplete(stateDir)) return false;
  const made = (await readdir(folder))
    .map((name) => join(folder, name))
    .filter((path) => path !== keeperLog(stateDir));
  for (const path of made) await rm(path, {recursive: true});
  return made.length > 0;
}

type Closing = <T extends {close(): Promise<void>}>(part: T) => T;

async function open({stateDir, world, signal, warn}: HardwareOptions, closing: Closing): Promise<Hardware> {
  checkSize(world);
  const folder = hardwareFolder(stateDir);
  await mkdir(folder, {recursive: true});
  const disks = closing(await openDisks(folder, {storeGiB: world.fleet.hardware.store_gib}));
  const network = closing(await openNetwork(world.fleet.links));
  const machines = closing(await openMachines(join(folder, 'machines'), network));
  const access = closing(await openSshAccess(stateDir, world, machines));
  const addresses = new Addresses(network, world);
  const parts = {world, disks, machines, sockets: new Sockets(disks)};
  const hardware = new Hardware({...parts, addresses, access, gateway: network.gateway, warn});
  await makeBlocks({folder, world, disks, signal});
  moveIn(world, () => network.nextAddress(), isComplete(stateDir) ? undefined : access.publicKey);
  await forEachLimited(each(shouldRun(world)), AT_ONCE, async (instance) => {
    signal?.throwIfAborted();
    await powerOn(instance, plugsAfter(instance, new Changes(), world.store), parts);
  });
  await access.update();
  await writeFile(completeMark(stateDir), '');
  world.nextAddress = () => addresses.next();
  return hardware;
}

interface Blocks {
  readonly folder: string;
  readonly world: World;
  readonly disks: Disks;
  readonly signal: AbortSignal | undefined;
}

async function makeBlocks({folder, world, disks, signal}: Blocks): Promise<void> {
  await makeImages(folder, world, disks);
  await forEachLimited(each(allOf('volume', world)), AT_ONCE, async (volume) => {
    signal?.throwIfAborted();
    await makeSeedVolume(volume, world, disks);
  });
}

function isComplete(stateDir: string): boolean {
  return existsSync(completeMark(stateDir));
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

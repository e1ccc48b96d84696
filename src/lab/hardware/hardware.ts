/** Real disks and machines behind the lab's API: what a request changes is done to them before it is answered. */
import {setTimeout as delay} from 'node:timers/promises';
import {FtaskError} from '../../errors.ts';
import {Changes} from '../state/changes.ts';
import type {Instance} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import type {Addresses} from './addresses.ts';
import {type Effects, effectsOf, type Plug, plugsAfter} from './effects.ts';
import {diskOf, ownRootOf, type Parts, powerOff, powerOn} from './power.ts';
import type {SshAccess} from './ssh-access.ts';
import {bytesOf} from './volume-blocks.ts';

/** A volume that is not in use is gone within this. */
const PATIENCE_MS = 200;
/** When a volume that is in use will be detached: nobody knows. */
const NEVER = Number.MAX_SAFE_INTEGER;

type Undo = () => Promise<void>;

export interface HardwareParts extends Parts {
  readonly addresses: Addresses;
  readonly access: SshAccess;
  /** This machine's address in the lab's network. */
  readonly gateway: string;
  readonly warn: (text: string) => void;
}

/** Carries out changes, one request at a time. */
export class Hardware {
  readonly parts: HardwareParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: HardwareParts) {
    this.parts = parts;
  }

  /** Runs it when all that was asked for before has ended. */
  async oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const mine = before.then(work).finally(() => this.parts.addresses.releaseUnused());
    this.#last = mine.catch(() => {});
    return mine;
  }

  /** Resolves when all that was asked for has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }

  /**
   * Does to the hardware what the changes say, and amends them where it takes longer. Returns what is to be done when
   * they are committed: what cannot be undone. @throws ApiError InternalError when it failed; it is undone then
   */
  async carryOut(changes: Changes): Promise<() => Promise<void>> {
    const effects = effectsOf(changes, this.parts.world.store);
    const undo: Undo[] = [];
    try {
      await this.#makeBlocks(effects, undo);
      await this.#changeMachines(effects, changes, undo);
    } catch (error) {
      for (const back of undo.reverse()) await back().catch(this.#warn);
      throw new ApiError('InternalError', messageOf(error));
    }
    return () => this.#finish(effects);
  }

  async #makeBlocks({newVolumes, newSnapshots, copies}: Effects, undo: Undo[]): Promise<void> {
    const {disks, world} = this.parts;
    for (const {id} of newVolumes) undo.push(() => disks.deleteVolume(id));
    for (const {id} of [...newSnapshots, ...copies]) undo.push(() => disks.deleteSnapshot(id));
    if (newSnapshots.length > 0) {
      await disks.snapshot(newSnapshots.map(({id, volumeId}) => ({snapshotId: id, volumeId})));
    }
    await settled(copies.map(({id, copyOf}) => disks.copySnapshot(copyOf?.id ?? '', id)));
    await settled(
      newVolumes.map(({id, sizeGiB, snapshotId}) =>
        disks.createVolume(id, bytesOf(sizeGiB, world), snapshotId || undefined),
      ),
    );
  }

  async #changeMachines(effects: Effects, changes: Changes, undo: Undo[]): Promise<void> {
    const {machines} = this.parts;
    const off = [...effects.stops, ...effects.reboots];
    await settled(off.map(({id}) => powerOff(id, this.parts)));
    for (const plug of effects.detached) await this.#detach(plug, changes);
    for (const plug of effects.attached) {
      if (!machines.isRunning(plug.attachment.instanceId)) continue;
      undo.push(() => this.#takeOut(plug, true));
      await machines.addDisk(plug.attachment.instanceId, await diskOf(plug, this.parts.sockets));
    }
    const on = [...effects.starts, ...effects.reboots];
    for (const {id} of on) undo.push(() => powerOff(id, this.parts));
    await settled(on.map((instance) => this.#powerOn(instance, changes)));
  }

  #powerOn(instance: Instance, changes: Changes): Promise<void> {
    return powerOn(instance, plugsAfter(instance, changes, this.parts.world.store), this.parts);
  }

  /** What is mounted stays `detaching` until it is not; with force it goes at once. */
  async #detach(plug: Plug, changes: Changes): Promise<void> {
    const {volume, attachment} = plug;
    const isForced = attachment.isForced || !this.parts.machines.isRunning(attachment.instanceId);
    const gone = this.#takeOut(plug, isForced);
    if (isForced) return gone;
    const isGone = await Promise.race([gone.then(() => true), delay(PATIENCE_MS, false)]);
    if (isGone) return;
    const waiting = {...attachment, state: {...attachment.state, at: NEVER}};
    changes.put('volume', {
      ...volume,
      attachments: volume.attachments.map((other) => (other === attachment ? waiting : other)),
    });
    gone.then(() => this.oneAtATime(() => this.#settle(plug))).catch(this.#warn);
  }

  async #takeOut({volume, attachment}: Plug, force: boolean): Promise<void> {
    await this.parts.sockets.unplug(volume.id, attachment.instanceId, {force});
    await this.parts.machines.removeDisk(attachment.instanceId, volume.id);
  }

  /** A volume that was waited for is detached now, unless it is by another request. */
  async #settle({volume: {id, region}, attachment: {instanceId}}: Plug): Promise<void> {
    const {world} = this.parts;
    const volume = world.store.get('volume', region, id);
    if (!volume) return;
    const changes = new Changes();
    const attachments = volume.attachments.filter(
      (other) => other.instanceId !== instanceId || other.state.after !== 'detached',
    );
    changes.put('volume', {...volume, attachments});
    world.commit(changes);
  }

  async #finish({goneVolumes, goneSnapshots, stops, hasInstances}: Effects): Promise<void> {
    const {disks, access} = this.parts;
    const terminated = stops.filter(({state}) => state.after === 'terminated');
    const volumes = [...goneVolumes.map(({id}) => id), ...terminated.map(({id}) => ownRootOf(id))];
    await Promise.all([
      ...volumes.map((id) => disks.deleteVolume(id).catch(this.#warn)),
      ...goneSnapshots.map(({id}) => disks.deleteSnapshot(id).catch(this.#warn)),
    ]);
    if (hasInstances) await access.update().catch(this.#warn);
  }

  /** What goes wrong where nobody waits for it is in the keeper's log. */
  readonly #warn = (error: unknown): void => this.parts.warn(messageOf(error));
}

/** Waits for all of them, also when one fails: what still runs could not be undone. */
async function settled(works: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function messageOf(error: unknown): string {
  if (error instanceof FtaskError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

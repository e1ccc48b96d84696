/** Temporary things in a region, for as long as a function runs: made, kept alive, and removed on every way out. */
import {randomBytes} from 'node:crypto';
import {FtaskError} from '../../errors.ts';
import type {Secret} from '../../secret.ts';
import type {Ec2} from '../client.ts';
import {isTransient} from '../errors.ts';
import type {InstanceId, Region, SnapshotId, VolumeId} from '../ids.ts';
import {addressesOf} from '../instances.ts';
import type {Tags} from '../tags.ts';
import {attachVolume, detachVolume} from './attachment.ts';
import {startHeartbeat} from './heartbeat.ts';
import {createGroup, importKeyPair, openSshTo} from './make/access.ts';
import {chooseImage} from './make/image.ts';
import {launch, running} from './make/launch.ts';
import {LOOKS_MS} from './make/make-once.ts';
import {available, createVolume, tryVolume, type VolumeRequest} from './make/volume.ts';
import {chooseSpots, type SpotWish} from './make/zones.ts';
import type {Place} from './patience.ts';
import {removeThings} from './remove/remove-things.ts';
import {temporaryTags} from './temporary-tag.ts';
import {type Thing, type ThingKind, temporaryThings} from './things.ts';

export interface ScratchOptions {
  readonly run: string;
  /** How long after the last sign of life others may remove it, milliseconds of EC2's clock. */
  readonly expiryMs: number;
  readonly signal: AbortSignal;
  /** Where the removal is registered, before anything is made. */
  readonly undo: {push(what: string, back: () => Promise<void>): {run(): Promise<void>}};
  /** Told what is being waited for. */
  readonly say: (text: string) => void;
  /** Told what the operator must know. */
  readonly warn: (text: string) => void;
}

export interface InstanceRequest extends SpotWish {
  /** `ssh-ed25519 AAAA...`, for the image's own user. */
  readonly publicKey: string;
  /** For cloud-init. AWS shows it to all who may describe the instance, and nobody else may see it. */
  readonly userData: Secret;
  readonly type: string;
  /** The newest Debian 12 by default. */
  readonly image?: string;
  /** Ranges of addresses that may reach its port 22, and nobody else. */
  readonly openTo: readonly string[];
}

export interface ScratchInstance {
  readonly id: InstanceId;
  readonly zone: string;
  readonly publicAddress?: string;
  readonly privateAddress?: string;
}

/** What can be made; all of it is removed together, with what EC2 made although its answer was lost. */
export interface Scratch {
  readonly region: Region;
  /** Starts an instance with a key pair and a security group of its own, in a zone that has room; it runs then. */
  instance(request: InstanceRequest): Promise<ScratchInstance>;
  /** Makes a volume; it can be attached then. `isEncrypted` helps to explain why it may not be. */
  volume(request: VolumeRequest, isEncrypted?: boolean): Promise<VolumeId>;
  /** Makes sure, as far as EC2 tells, that such a volume may be made; in any zone unless one is given. @throws Ec2Error */
  mayMakeVolume(request: SpotWish & {readonly snapshot: SnapshotId}): Promise<void>;
  /** Attaches it at a free device name, which is returned; it is attached then. */
  attach(volume: VolumeId, instance: InstanceId): Promise<string>;
  /** Detaches it; true if that took force, so that what was written last may be lost. May be called twice. */
  detach(volume: VolumeId): Promise<boolean>;
  /** Lets more ranges of addresses reach port 22 of an instance that was started here. May be called twice. */
  admit(instance: InstanceId, ranges: readonly string[]): Promise<void>;
}

/** A scratch that stays until somebody removes it, and until the end of the run at the latest. */
export interface OpenScratch extends Scratch {
  /**
   * Removes everything, also what was made while nobody heard of it. May be called twice. @throws FtaskError `NotRemoved`
   * when something stays, which then carries its tags for `ftask cleanup`
   */
  remove(): Promise<void>;
}

/** A scratch for longer than one function; nothing is made yet. */
export function openScratch(ec2: Ec2, region: Region, options: ScratchOptions): OpenScratch {
  return new RegionScratch(ec2, region, options);
}

/**
 * Runs `work` with a scratch of its own, and removes all that it made. @throws what `work` throws, and what removing
 * throws
 */
export async function withScratch<Value>(
  ec2: Ec2,
  region: Region,
  options: ScratchOptions,
  work: (scratch: Scratch) => Promise<Value>,
): Promise<Value> {
  const scratch = openScratch(ec2, region, options);
  let value: Value;
  try {
    value = await work(scratch);
  } catch (error) {
    await scratch.remove().catch((problem: Error) => options.warn(withHint(problem)));
    throw error;
  }
  await scratch.remove();
  return value;
}

function withHint(problem: Error): string {
  const hint = problem instanceof FtaskError ? problem.hint : undefined;
  return hint === undefined ? problem.message : `${problem.message}; ${hint}`;
}

class RegionScratch implements OpenScratch {
  readonly region: Region;
  readonly #undo: {run(): Promise<void>};
  readonly #place: Place;
  readonly #options: ScratchOptions;
  readonly #name: string;
  readonly #things: Thing[] = [];
  readonly #groups = new Map<InstanceId, string>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #heartbeat: {stop(): Promise<void>};
  #count = 0;
  #isOver = false;
  /** An answer was lost for good: there may be something that we do not know of. */
  #isInDoubt = false;

  constructor(ec2: Ec2, region: Region, options: ScratchOptions) {
    this.region = region;
    this.#place = {ec2, region, signal: options.signal};
    this.#options = options;
    this.#name = `${options.run}/${randomBytes(4).toString('hex')}`;
    this.#undo = options.undo.push(`temporary things in ${region}`, () => this.#removeAll());
    this.#heartbeat = startHeartbeat(this.#place, {
      expiryMs: options.expiryMs,
      things: this.#things,
      tags: () => this.#tags(),
      warn: options.warn,
    });
  }

  async instance(request: InstanceRequest): Promise<ScratchInstance> {
    const place = this.#place;
    const {publicKey, openTo, type, image: wantedImage} = request;
    const {spots, vpc} = await chooseSpots(place, request);
    const image = await chooseImage(place, wantedImage);
    const named = this.#named();
    this.#options.say('making a key pair and a security group');
    await this.#make('key-pair', () => importKeyPair(place, named, publicKey));
    const group = await this.#make('security-group', () => createGroup(place, named, vpc));
    await openSshTo(place, group, openTo);
    const {tags, name: keyName} = named;
    const wanted = {image, type, spots, keyName, group, userData: request.userData, tags};
    const id = await this.#make('instance', () =>
      launch(place, wanted, (zone, why) => this.#options.say(`${zone} has no room (${why}), trying another`)),
    );
    this.#groups.set(id, group);
    this.#options.say(`waiting for ${id} to run`);
    const raw = await running(place, id);
    return {id, zone: raw.Placement?.AvailabilityZone ?? '', ...addressesOf(raw)};
  }

  async volume(request: VolumeRequest, isEncrypted = false): Promise<VolumeId> {
    const {tags} = this.#named();
    this.#options.say('making a volume');
    const id = await this.#make('volume', () => createVolume(this.#place, request, tags));
    await available(this.#place, id, isEncrypted);
    return id;
  }

  async mayMakeVolume({snapshot, ...wish}: SpotWish & {readonly snapshot: SnapshotId}): Promise<void> {
    const [spot] = (await chooseSpots(this.#place, wish)).spots;
    if (spot) await tryVolume(this.#place, {zone: spot.zone, snapshot});
  }

  attach(volume: VolumeId, instance: InstanceId): Promise<string> {
    this.#options.say(`attaching ${volume} to ${instance}`);
    return this.#awaited(() => attachVolume(this.#place, volume, instance));
  }

  async detach(volume: VolumeId): Promise<boolean> {
    return (await detachVolume(this.#place, volume)).forcedFrom !== undefined;
  }

  async admit(instance: InstanceId, ranges: readonly string[]): Promise<void> {
    const group = this.#groups.get(instance);
    if (group !== undefined) await openSshTo(this.#place, group, ranges);
  }

  remove(): Promise<void> {
    return this.#undo.run();
  }

  async #removeAll(): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(this.#underWay);
    await this.#heartbeat.stop();
    const {ec2, region} = this.#place;
    const failures: {readonly what: string; readonly error: unknown}[] = [];
    const known = [...this.#things];
    // What we know of goes even if nobody may look for more.
    const all = await this.#all().catch((error: unknown) => {
      failures.push({what: 'what else there may be', error});
      return known;
    });
    await removeThings({ec2, region}, all, {
      removed: () => {},
      failed: ({id}, error) => failures.push({what: id, error}),
    });
    const [first] = failures;
    if (!first) return;
    const what = failures.map((one) => one.what).join(', ');
    const why = first.error instanceof Error ? first.error.message : String(first.error);
    throw new FtaskError('NotRemoved', `could not remove ${what} in ${region}: ${why}`, {
      hint: `ftask cleanup --region ${region} removes it once it has expired.`,
      cause: first.error,
    });
  }

  /** Each thing counts from its creating call on. */
  async #make<Id extends string>(kind: ThingKind, make: () => Promise<Id>): Promise<Id> {
    return this.#awaited(async () => {
      try {
        const id = await make();
        this.#things.push({kind, id, madeMs: this.#place.ec2.clock.now()});
        return id;
      } catch (error) {
        // Ctrl-C ends the pause before a call whose answer was lost is made again.
        if (isTransient(error) || this.#options.signal.aborted) this.#isInDoubt = true;
        throw error;
      }
    });
  }

  /** Whoever removes everything waits for its end: what came into being or was attached meanwhile would stay. */
  async #awaited<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#isOver) throw new FtaskError('ScratchOver', 'what is temporary here has been removed already');
    const working = work();
    this.#underWay.add(working);
    try {
      return await working;
    } finally {
      this.#underWay.delete(working);
    }
  }

  /** What we know of, and what is found by its tags: volumes that came with an instance, answers that were lost. */
  async #all(): Promise<Thing[]> {
    const {ec2, region} = this.#place;
    if (this.#things.length === 0 && !this.#isInDoubt) return [];
    const known = new Map(this.#things.map((thing) => [thing.id, thing]));
    for (const pauseMs of this.#isInDoubt ? LOOKS_MS : [0]) {
      await ec2.clock.sleep(pauseMs);
      for (const thing of await temporaryThings({ec2, region}, this.#name)) {
        if (!known.has(thing.id)) known.set(thing.id, thing);
      }
    }
    return [...known.values()];
  }

  #named(): {readonly name: string; readonly tags: Tags} {
    this.#count += 1;
    const name = `ftask-${this.#name.replace('/', '-')}-${this.#count}`;
    return {name, tags: {Name: name, ...this.#tags()}};
  }

  #tags(): Tags {
    const {run, expiryMs} = this.#options;
    const expiresMs = this.#place.ec2.clock.now() + expiryMs;
    return temporaryTags({run, scratch: this.#name, expiresMs});
  }
}

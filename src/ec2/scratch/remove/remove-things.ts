/** Removing temporary things in the order that EC2 allows: what uses something goes before it. */
import {FtaskError} from '../../../errors.ts';
import type {VolumeId} from '../../ids.ts';
import {detachVolume} from '../attachment.ts';
import {askAgain, type Place, unlessRefused, until} from '../patience.ts';
import type {Thing} from '../things.ts';

/** Told what became of each thing. */
export interface RemovalListener {
  /** Gone now, or before; `how` says what was unusual about it. */
  removed(thing: Thing, how?: string): void;
  failed(thing: Thing, error: unknown): void;
}

const TERMINATED_TIMEOUT_MS = 15 * 60_000;
/** Network interfaces and attachments outlive their instance for a moment. */
const RELEASE_TIMEOUT_MS = 5 * 60_000;
const VISIBLE_AFTER_MS = 60_000;

/**
 * Removes them all; what is gone already counts as removed, so it may be called twice. One that fails is told and
 * stops none of the others. The signal of the place ends the waiting, and so fails what is waited for.
 */
export async function removeThings(
  place: Place,
  things: readonly Thing[],
  listener: RemovalListener,
): Promise<void> {
  const each = async (kind: Thing['kind'], remove: Removal): Promise<void> => {
    await Promise.all(
      things.filter((thing) => thing.kind === kind).map((thing) => removeOne(place, thing, remove, listener)),
    );
  };
  const keys = each('key-pair', removeKeyPair);
  await each('instance', removeInstance);
  await Promise.all([keys, each('volume', removeVolume), each('security-group', removeGroup)]);
}

/** Resolves with what was unusual about it. */
type Removal = (place: Place, thing: Thing) => Promise<string | undefined>;

async function removeOne(
  place: Place,
  thing: Thing,
  remove: Removal,
  listener: RemovalListener,
): Promise<void> {
  try {
    listener.removed(thing, await remove(place, thing));
  } catch (error) {
    listener.failed(thing, error);
  }
}

const removeInstance: Removal = async (place, thing) => {
  const {ec2, region} = place;
  const {id} = thing;
  await unlessGone(place, thing, 'InvalidInstanceID.NotFound', () =>
    ec2.call(region, 'TerminateInstances', {InstanceIds: [id]}),
  );
  const Filters = [{Name: 'instance-id', Values: [id]}];
  await until(
    place,
    TERMINATED_TIMEOUT_MS,
    async () => {
      const {Reservations = []} = await ec2.call(region, 'DescribeInstances', {Filters});
      const state = Reservations[0]?.Instances?.[0]?.State?.Name;
      return state === undefined || state === 'terminated' ? true : undefined;
    },
    () => new FtaskError('NotTerminated', `${id} is not terminated after 15 minutes`),
  );
  return undefined;
};

const removeVolume: Removal = async (place, thing) => {
  const {forcedFrom} = await detachVolume(place, thing.id as VolumeId);
  const letsGo = {codes: ['VolumeInUse', 'IncorrectState'], timeoutMs: RELEASE_TIMEOUT_MS};
  await unlessGone(place, thing, 'InvalidVolume.NotFound', () =>
    askAgain(place, letsGo, () => place.ec2.call(place.region, 'DeleteVolume', {VolumeId: thing.id})),
  );
  return forcedFrom && `${forcedFrom} still used it: detached by force, unmount it there`;
};

const removeGroup: Removal = async (place, thing) => {
  const letsGo = {codes: ['DependencyViolation'], timeoutMs: RELEASE_TIMEOUT_MS};
  await unlessGone(place, thing, 'InvalidGroup.NotFound', () =>
    askAgain(place, letsGo, () => place.ec2.call(place.region, 'DeleteSecurityGroup', {GroupId: thing.id})),
  );
  return undefined;
};

const removeKeyPair: Removal = async (place, thing) => {
  await unlessGone(place, thing, 'InvalidKeyPair.NotFound', () =>
    place.ec2.call(place.region, 'DeleteKeyPair', {KeyPairId: thing.id}),
  );
  return undefined;
};

/** What EC2 does not find is gone, unless it is so new that EC2 may not show it yet. */
async function unlessGone(
  place: Place,
  {madeMs = 0}: Thing,
  notFound: string,
  ask: () => Promise<unknown>,
): Promise<void> {
  const timeoutMs = madeMs + VISIBLE_AFTER_MS - place.ec2.clock.now();
  await unlessRefused([notFound], () => askAgain(place, {codes: [notFound], timeoutMs}, ask));
}

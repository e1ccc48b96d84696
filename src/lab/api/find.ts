/** Entities by id, with AWS's error for ids that are malformed or name nothing. */
import type {Kind, Tables} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import type {Call} from './call.ts';

interface Naming {
  readonly prefix: string;
  readonly malformed: string;
  readonly notFound: string;
  readonly noun: string;
}

/** How AWS names each kind: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
export const NAMING: Readonly<Record<Kind, Naming>> = {
  instance: naming('i', 'InvalidInstanceID', 'InvalidInstanceID', 'instance ID'),
  volume: naming('vol', 'InvalidVolumeID', 'InvalidVolume', 'volume'),
  snapshot: naming('snap', 'InvalidSnapshotID', 'InvalidSnapshot', 'snapshot'),
  image: naming('ami', 'InvalidAMIID', 'InvalidAMIID', 'image id'),
  'key-pair': naming('key', 'InvalidKeyPair', 'InvalidKeyPair', 'key pair'),
  'security-group': naming('sg', 'InvalidGroupId', 'InvalidGroup', 'security group'),
};

/** The entity of this id that the caller's region shows now. */
export function find<K extends Kind>(
  kind: K,
  id: string,
  call: Call,
  region: string = call.region,
): Tables[K] {
  checkId(kind, id);
  const entity = call.store.get(kind, region, id);
  if (entity && isVisible(entity, call.now)) return entity;
  throw notFound(kind, id);
}

/** Whether Describe shows it: it has become consistent, and its deletion has not taken effect or put it in the bin. */
export function isVisible(entity: Tables[Kind], now: number): boolean {
  if (entity.visibleAt > now || ('bin' in entity && entity.bin !== undefined)) return false;
  return !('deletedAt' in entity) || entity.deletedAt === undefined || entity.deletedAt > now;
}

/** @throws ApiError Invalid*.Malformed */
export function checkId(kind: Kind, id: string): void {
  const {prefix, malformed, noun} = NAMING[kind];
  if (new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id)) return;
  throw new ApiError(malformed, `Invalid id: "${id}" (expecting "${prefix}-..."); it names no ${noun}`);
}

export function notFound(kind: Kind, id: string): ApiError {
  const {notFound: code, noun} = NAMING[kind];
  return new ApiError(code, `The ${noun} '${id}' does not exist.`);
}

function naming(prefix: string, malformed: string, missing: string, noun: string): Naming {
  return {prefix, malformed: `${malformed}.Malformed`, notFound: `${missing}.NotFound`, noun};
}

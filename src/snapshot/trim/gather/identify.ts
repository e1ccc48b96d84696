/** Whether a snapshot is a backup that retention may judge, and of which lineage it is. */
import type {Region} from '../../../ec2/ids.ts';
import {TEMPORARY_TAG} from '../../../ec2/scratch/temporary-tag.ts';
import {NO_VOLUME, readTime} from '../../../ec2/snapshots/origin.ts';
import type {OwnSnapshot} from '../../../ec2/snapshots/own-snapshots.ts';

/** Snapshots of the same data in the same place: originals and copies apart. */
export interface LineageId {
  readonly volume: string;
  readonly bornIn: Region;
  readonly isReplica: boolean;
}

/** Of a snapshot that is none of ours, how one knows. */
export type Identity = {readonly lineage: LineageId} | {readonly other: string};

/** A tag whose snapshots count as ours, too. */
export interface OwnTag {
  readonly name: string;
  readonly value: string;
}

/** Tells ours by ftask's tags or django_fabfile's description; what other tools care for is never ours. */
export function identify(snapshot: OwnSnapshot, region: Region, ownTag?: OwnTag): Identity {
  const other = ownerOf(snapshot) ?? strangeness(snapshot, ownTag);
  if (other !== undefined) return {other};
  const {volume, region: born = region} = snapshot.origin;
  if (volume === '' || volume === NO_VOLUME) return {other: 'nothing tells which volume it is a copy of'};
  return {
    lineage: {volume, bornIn: born as Region, isReplica: snapshot.isCopy || born !== region},
  };
}

/** The same text for the same lineage of a region. */
export function lineageKey({volume, bornIn, isReplica}: LineageId): string {
  return `${volume} ${bornIn} ${isReplica ? 'replica' : 'original'}`;
}

function ownerOf({tags}: OwnSnapshot): string | undefined {
  const keys = Object.keys(tags);
  if (keys.some((key) => /^aws:dlm:/i.test(key))) return "of Amazon's Data Lifecycle Manager";
  if (keys.some((key) => /^aws:backup:/i.test(key))) return 'of AWS Backup';
  if (TEMPORARY_TAG in tags) return 'temporary: of a run of ftask';
  return undefined;
}

function strangeness({tags, hasFabfileDescription}: OwnSnapshot, ownTag?: OwnTag): string | undefined {
  const isOurs =
    readTime(tags['ftask:time']) !== undefined && ('ftask:volume' in tags || 'ftask:devices' in tags);
  const isWanted = ownTag !== undefined && tags[ownTag.name] === ownTag.value;
  return isOurs || hasFabfileDescription || isWanted ? undefined : 'not made by ftask or django_fabfile';
}

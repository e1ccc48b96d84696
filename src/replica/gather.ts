/** What there is to replicate and what is there already, asked of AWS. Only reads. */
import type {Ec2} from '../ec2/client.ts';
import type {Region} from '../ec2/ids.ts';
import {TEMPORARY_TAG} from '../ec2/scratch/temporary-tag.ts';
import {ownSnapshots, snapshotsDescribed, snapshotsOfVolume} from '../ec2/snapshots/own-snapshots.ts';
import {indexReplicas} from './plan/replicas.ts';
import type {Replica, Source} from './plan/source.ts';
import type {ChosenBy} from './request.ts';

export interface Look {
  readonly ec2: Ec2;
  readonly signal: AbortSignal;
}

/** All snapshots of the account in a region. @throws Ec2Error */
export async function snapshotsIn({ec2, signal}: Look, region: Region): Promise<Source[]> {
  return (await ownSnapshots(ec2, region, signal)).map((snapshot) => ({...snapshot, region}));
}

/** Those of them that count: what carries the tag and is not temporary. */
export function chosenBy(snapshots: readonly Source[], {name, value}: ChosenBy): Source[] {
  return snapshots.filter(({tags}) => tags[name] === value && !(TEMPORARY_TAG in tags));
}

/** The replicas of one source that a region has at this moment, the best one first. @throws Ec2Error */
export async function replicasNow(
  {ec2, signal}: Look,
  region: Region,
  source: Source,
): Promise<readonly Replica[]> {
  const {origin, description, hasFabfileDescription} = source;
  const lists = await Promise.all([
    snapshotsOfVolume(ec2, region, origin.volume, signal),
    hasFabfileDescription ? snapshotsDescribed(ec2, region, description, signal) : [],
  ]);
  const byId = new Map(lists.flat().map((one) => [one.id, {...one, region}]));
  return indexReplicas([...byId.values()]).of(source);
}

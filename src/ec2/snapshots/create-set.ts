/** One CreateSnapshots call, made exactly once even when its answer is lost. */
import type {CreateSnapshotsCommandInput, SnapshotInfo} from '@aws-sdk/client-ec2';
import type {Around, Ec2} from '../client.ts';
import {Ec2Error, LostAnswerError} from '../errors.ts';
import type {InstanceId, Region, VolumeId} from '../ids.ts';
import {type Tags, tagList} from '../tags.ts';
import {type Snapshot, snapshotOf, snapshotsOfSet} from './snapshots.ts';

/** The volumes of one instance, at one point in time. */
export interface SetRequest {
  readonly instance: InstanceId;
  /** The set's name in `ftask:set`. */
  readonly set: string;
  /** The point in time in `ftask:time`: by both a lost set is found again. */
  readonly timeMs: number;
  /** How many snapshots there will be. */
  readonly size: number;
  readonly excludeBoot: boolean;
  readonly excludeVolumes: readonly VolumeId[];
  readonly description: string;
  readonly tags: Tags;
  /** Each snapshot also gets the tags of its volume. */
  readonly copyVolumeTags: boolean;
}

export interface Patience {
  /** How long to wait while AWS's limits on a volume are reached, milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told what is being waited for. */
  readonly onWait: (why: string) => void;
  /** Done around each attempt, never around a wait. A set that was adopted was not made within it. */
  readonly around?: Around;
}

/** When to look for a set whose answer was lost: a new resource may stay invisible for a while. */
const LOOKS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const MAX_CREATES = 3;

/** Refusals that end by themselves, with the pause that AWS's error table asks for. */
const WAIT_MS: Readonly<Record<string, readonly [number, string]>> = {
  SnapshotCreationPerVolumeRateExceeded: [15_000, '15 s must pass between two snapshots of a volume'],
  ConcurrentSnapshotLimitExceeded: [30_000, 'a volume has as many pending snapshots as AWS allows'],
  PendingSnapshotLimitExceeded: [30_000, 'the region has as many pending snapshots as AWS allows'],
};

/**
 * Snapshots all volumes of an instance that are not excluded, at one point in time. Returns as soon
 * as AWS has fixed that point; the snapshots are then pending. Calling it again with the same `set`
 * makes another one: ask `snapshotsOfSet` first when resuming.
 */
export async function createSet(
  ec2: Ec2,
  region: Region,
  request: SetRequest,
  patience: Patience,
): Promise<Snapshot[]> {
  const giveUpAt = ec2.clock.now() + patience.timeoutMs;
  for (let creates = 1; ; ) {
    try {
      const {signal, around} = patience;
      const answer = await ec2.call(region, 'CreateSnapshots', inputOf(request), signal, around);
      return (answer.Snapshots ?? []).map((info) => ofInfo(info, request));
    } catch (error) {
      if (error instanceof LostAnswerError) {
        patience.onWait('the answer was lost: looking whether the snapshots were made');
        const adopted = await adopt(ec2, region, request);
        if (adopted) return adopted;
        if (creates >= MAX_CREATES) throw error;
        creates += 1;
        continue;
      }
      const [pauseMs, why] = (error instanceof Ec2Error && WAIT_MS[error.code]) || [];
      if (pauseMs === undefined || why === undefined || ec2.clock.now() + pauseMs > giveUpAt) throw error;
      patience.onWait(why);
      await ec2.clock.sleep(pauseMs, patience.signal);
    }
  }
}

/** Not cut short by Ctrl-C: what it finds is a backup that nobody would know of otherwise. */
async function adopt(ec2: Ec2, region: Region, request: SetRequest): Promise<Snapshot[] | undefined> {
  let found: Snapshot[] = [];
  for (const pauseMs of LOOKS_MS) {
    await ec2.clock.sleep(pauseMs);
    // A task that backs up the same instance twice gives both sets the same name.
    const named = await snapshotsOfSet(ec2, region, request.set);
    found = named.filter(({origin}) => origin.timeMs === request.timeMs);
    if (found.length >= request.size) return found;
  }
  // The call makes all or none, so some of them in sight means that it was carried out.
  return found.length > 0 ? found : undefined;
}

function inputOf(request: SetRequest): CreateSnapshotsCommandInput {
  return {
    InstanceSpecification: {
      InstanceId: request.instance,
      ...(request.excludeBoot ? {ExcludeBootVolume: true} : {}),
      ...(request.excludeVolumes.length > 0 ? {ExcludeDataVolumeIds: [...request.excludeVolumes]} : {}),
    },
    Description: request.description,
    TagSpecifications: [{ResourceType: 'snapshot', Tags: tagList(request.tags)}],
    ...(request.copyVolumeTags ? {CopyTagsFromSource: 'volume'} : {}),
  };
}

/** The answer may leave out what the request said. */
function ofInfo({State, ...info}: SnapshotInfo, request: SetRequest): Snapshot {
  return snapshotOf({
    ...info,
    ...(State === undefined ? {} : {State}),
    Description: request.description,
    Tags: tagList(request.tags),
  });
}

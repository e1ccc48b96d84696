/** Which snapshot of a region is a replica of which source. Pure. */
import {type Base, byId, isUncompared, lineageKey, lineageOf, type Replica, type Source} from './source.ts';

/** The snapshots of a region, ready to be asked for the replicas of a source. */
export interface Replicas {
  /** Completed ones first, of those what is still to be compared last, then those that are being made; none that ended in error. */
  of(source: Source): readonly Replica[];
  /** The newest completed one of the same volume, whatever its time. */
  baseOf(source: Source): Base | undefined;
}

/**
 * A replica tells its source by `ftask:source-snapshot`, or it is of the same volume, region and time: as a replica of a
 * replica, and as django_fabfile's, whose description tells all three in whatever form. What carries ftask's tags is
 * never known by its description: the volumes of one set share it.
 */
export function indexReplicas(all: readonly Replica[]): Replicas {
  const live = all.filter(({state}) => state === 'completed' || state === 'pending').sort(bestFirst);
  const bySource = groupBy(live, ({origin}) => origin.sourceSnapshot);
  const byMoment = groupBy(live, momentOf);
  const byLineage = groupBy(live, keyOf);
  return {
    of: (source) => {
      const told = bySource.get(source.id) ?? [];
      const same = (byMoment.get(momentOf(source) ?? '') ?? []).filter((one) => mayBeKnown(one, source));
      return [...new Set([...told, ...same])].filter(({id}) => id !== source.id).sort(bestFirst);
    },
    baseOf: (source) => {
      const usable = (byLineage.get(keyOf(source) ?? '') ?? []).filter(
        ({state, isArchived}) => state === 'completed' && !isArchived,
      );
      const [newest] = usable.sort((a, b) => b.origin.timeMs - a.origin.timeMs || byId(a, b));
      return newest && {id: newest.id, sizeGiB: newest.sizeGiB, timeMs: newest.origin.timeMs};
    },
  };
}

function mayBeKnown(replica: Replica, source: Source): boolean {
  return isTagged(replica) || (replica.hasFabfileDescription && !isTagged(source));
}

function isTagged({tags}: Source): boolean {
  return 'ftask:time' in tags;
}

function keyOf(snapshot: Source): string | undefined {
  const lineage = lineageOf(snapshot);
  return lineage && lineageKey(lineage);
}

function momentOf(snapshot: Source): string | undefined {
  const key = keyOf(snapshot);
  return key && `${key} ${snapshot.origin.timeMs}`;
}

function bestFirst(a: Replica, b: Replica): number {
  const rank = (replica: Replica): number =>
    replica.state !== 'completed' ? 2 : Number(isUncompared(replica));
  return rank(a) - rank(b) || a.startedMs - b.startedMs || byId(a, b);
}

function groupBy(all: readonly Source[], textOf: (one: Source) => string | undefined): Map<string, Source[]> {
  const groups = new Map<string, Source[]>();
  for (const one of all) {
    const text = textOf(one);
    if (text === undefined) continue;
    const group = groups.get(text);
    if (group) group.push(one);
    else groups.set(text, [one]);
  }
  return groups;
}

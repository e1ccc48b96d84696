/** How consistent snapshots are to be, volume by volume. Pure. */
import type {Consistency} from '../../ec2/snapshots/origin.ts';
import type {Snapshot} from '../../ec2/snapshots/snapshots.ts';
import {bootVolumeOf, type PlannedSet} from '../plan.ts';
import type {ConsistencyRequest} from './request.ts';

type Wish = Pick<ConsistencyRequest, 'freezeRoot' | 'bestEffort'>;

/** What is asked for of a volume; the one that an instance boots from comes to as much as its root does. */
export function plannedLevel({instance}: PlannedSet, volume: string, wish: Wish | undefined): Consistency {
  if (wish === undefined) return 'crash';
  const isRootOnly = instance.state !== 'stopped' && volume === bootVolumeOf(instance) && !wish.freezeRoot;
  return isRootOnly ? 'synced' : 'frozen';
}

/** Whether snapshots that were made before are as consistent as is asked for now, by their tags. */
export function isEnough(set: PlannedSet, snapshots: readonly Snapshot[], wish: Wish | undefined): boolean {
  if (wish === undefined || wish.bestEffort) return true;
  return snapshots.every(
    ({origin: {volume, consistency}}) =>
      consistency === 'frozen' || consistency === plannedLevel(set, volume, wish),
  );
}

/** Raises what the tags of new snapshots say to what is proved of them. */
import type {Ec2} from '../../ec2/client.ts';
import {Ec2Error} from '../../ec2/errors.ts';
import type {Region} from '../../ec2/ids.ts';
import {type Consistency, consistencyTag} from '../../ec2/snapshots/origin.ts';
import type {Snapshot} from '../../ec2/snapshots/snapshots.ts';
import {tagResources} from '../../ec2/tag-resources.ts';
import type {Reached} from './reached.ts';

export interface Proved {
  /** With what their tags say now. */
  readonly snapshots: readonly Snapshot[];
  readonly reached: Reached;
}

/**
 * Sets `ftask:consistency` of each snapshot to the level of its volume. They were made as `crash`, so nothing that
 * cuts this off leaves a tag that says too much. Not cut short by Ctrl-C: it takes one call or two.
 */
export async function prove(
  ec2: Ec2,
  region: Region,
  made: readonly Snapshot[],
  reached: Reached,
): Promise<Proved> {
  const shortfalls = [...reached.shortfalls, ...unknown(made, reached)];
  const told = new Map<string, Consistency>();
  for (const level of ['frozen', 'synced'] as const) {
    const ids = made.filter(({origin}) => reached.levels.get(origin.volume) === level).map(({id}) => id);
    if (ids.length === 0) continue;
    try {
      await tagResources(ec2, region, ids, consistencyTag(level));
      for (const id of ids) told.set(id, level);
    } catch (error) {
      if (!(error instanceof Ec2Error)) throw error;
      shortfalls.push(`the tags of what is ${level} still say crash: ${error.message}`);
    }
  }
  return {
    snapshots: made.map((snapshot) => withLevel(snapshot, told.get(snapshot.id))),
    reached: {...reached, shortfalls},
  };
}

/** What is listed later may still have the tag as it was. */
export function withLevel(snapshot: Snapshot, level: Consistency = 'crash'): Snapshot {
  return {...snapshot, origin: {...snapshot.origin, consistency: level}};
}

/** A volume may have been attached after the host was looked at. */
function unknown(made: readonly Snapshot[], {levels}: Reached): string[] {
  if (levels.size === 0) return [];
  return made
    .filter(({origin}) => !levels.has(origin.volume))
    .map(({origin}) => `${origin.volume} was attached meanwhile and is not frozen`);
}

/** Filesystems that were mounted after the freeze was planned: nobody held those still. Pure. */
import type {FreezePlan, PlannedFilesystem} from './plan-freeze.ts';
import type {Reached} from './reached.ts';

/** Takes back what was proved of a volume that has more mounted on it than was planned with. */
export function withoutMountedSince(reached: Reached, before: FreezePlan, after: FreezePlan): Reached {
  const known = new Set(before.filesystems.map(({mountPoint, volumes}) => keyOf(mountPoint, volumes)));
  const missed = after.filesystems.filter(
    ({mountPoint, volumes, how}) => how !== 'leave' && !known.has(keyOf(mountPoint, volumes)),
  );
  if (missed.length === 0) return reached;
  const levels = new Map(reached.levels);
  for (const volume of missed.flatMap(({volumes}) => volumes)) levels.set(volume, 'crash');
  return {...reached, levels, shortfalls: [...reached.shortfalls, ...missed.map(toldOf)]};
}

function keyOf(mountPoint: string, volumes: readonly string[]): string {
  return [mountPoint, ...volumes].join('\n');
}

function toldOf({mountPoint, volumes}: PlannedFilesystem): string {
  return `${mountPoint} of ${volumes.join(', ')} was mounted meanwhile and not frozen`;
}

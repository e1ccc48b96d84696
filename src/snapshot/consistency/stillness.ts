/** What keeps an instance still while its snapshots are made: the contract. */
import type {Around, Ec2} from '../../ec2/client.ts';
import type {Region} from '../../ec2/ids.ts';
import type {Progress} from '../../runner/progress.ts';
import type {PlannedSet} from '../plan.ts';
import type {Reached} from './reached.ts';
import type {ConsistencyRequest} from './request.ts';

export interface Stillness {
  /** Done around each attempt to make the set. */
  readonly around: Around;
  /** What is proved of the set that was made within `around`. */
  reached(): Promise<Reached>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** Which instance is to be held still, and how. */
export interface StillScene {
  readonly ec2: Ec2;
  readonly region: Region;
  readonly set: PlannedSet;
  readonly request: ConsistencyRequest;
  readonly signal: AbortSignal;
  readonly progress: Pick<Progress, 'note' | 'warn'>;
  /** Tells what is being done now. */
  readonly say: (text: string) => void;
}

/** Volumes of the set that other instances have attached, too, and which those are. */
export function sharedVolumes({instance, volumes}: PlannedSet): Map<string, readonly string[]> {
  const others = volumes.map(
    ({id, attachedTo}) => [id, attachedTo.filter((other) => other !== instance.id)] as const,
  );
  return new Map(others.filter(([, ids]) => ids.length > 0));
}

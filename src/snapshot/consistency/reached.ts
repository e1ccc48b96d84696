/** How consistent a set of snapshots is in the end: what was planned, against what the host proved. Pure. */
import type {Consistency} from '../../ec2/snapshots/origin.ts';
import type {FreezePlan, PlannedFilesystem} from './plan-freeze.ts';
import type {Held} from './send-still.ts';

/** What became of a filesystem while the snapshots were made. */
export interface ReachedFilesystem extends Pick<PlannedFilesystem, 'mountPoint' | 'type' | 'volumes'> {
  /** `lost`: nobody knows that it stood still until AWS had answered. */
  readonly state: 'frozen' | 'synced' | 'read-only' | 'lost';
  readonly why?: string;
}

export interface Reached {
  /** By volume; nothing is known of one that is not named. */
  readonly levels: ReadonlyMap<string, Consistency>;
  readonly filesystems: readonly ReachedFilesystem[];
  /** Where that is less than was asked for, a line each. */
  readonly shortfalls: readonly string[];
  /** From the first freeze to the last thaw, by the host's clock. */
  readonly frozenMs?: number;
}

/** Nothing was held still, or nobody knows. */
export function crashed(...shortfalls: readonly string[]): Reached {
  return {levels: new Map(), filesystems: [], shortfalls};
}

/** What is proved by how still the host was kept. */
export function reachedOf(plan: FreezePlan, held: Held): Reached {
  const {report, lost} = held;
  const filesystems = plan.filesystems.map((planned) => reachedBy(planned, held));
  const refused = report?.notFrozen ?? [];
  return {
    levels: new Map([...plan.best].map(([volume, best]) => [volume, levelOf(volume, best, filesystems)])),
    filesystems,
    shortfalls: [
      ...(lost === undefined ? [] : [lost]),
      ...refused.map(({mountPoint, why}) => `${mountPoint} was not frozen: ${why}`),
      ...plan.shortfalls,
    ],
    ...(report && report.frozen.length > 0 && {frozenMs: report.ms}),
  };
}

/** The volumes of an instance in this state, some of them shared with other instances. */
export function stoppedReached(
  volumes: readonly string[],
  {state, shared}: {readonly state: string; readonly shared: ReadonlyMap<string, readonly string[]>},
): Reached {
  if (state !== 'stopped') return crashed(`it was stopped when it was listed, and is ${state} now`);
  return {
    levels: new Map(volumes.map((volume) => [volume, shared.has(volume) ? 'crash' : 'frozen'])),
    filesystems: [],
    shortfalls: [...shared].flatMap(([volume, others]) =>
      others.map((other) => `${volume} is attached to ${other} too, which is not frozen`),
    ),
  };
}

function reachedBy(
  {mountPoint, type, volumes, how, why}: PlannedFilesystem,
  {report, lost}: Held,
): ReachedFilesystem {
  const filesystem = {mountPoint, type, volumes};
  if (how === 'leave') return {...filesystem, state: 'read-only'};
  if (lost !== undefined) return {...filesystem, state: 'lost', why: lost};
  if (report?.frozen.includes(mountPoint)) return {...filesystem, state: 'frozen'};
  const refused = report?.notFrozen.find((each) => each.mountPoint === mountPoint)?.why;
  return {...filesystem, state: 'synced', why: why ?? refused ?? 'the host does not say that it was frozen'};
}

function levelOf(volume: string, best: Consistency, filesystems: readonly ReachedFilesystem[]): Consistency {
  const states = filesystems.filter(({volumes}) => volumes.includes(volume)).map(({state}) => state);
  if (best === 'crash' || states.includes('lost')) return 'crash';
  return states.includes('synced') ? 'synced' : 'frozen';
}

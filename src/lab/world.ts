/** The lab as a whole: its fleet's settings, its clock, what exists in it, and what is on disk. */
import {type Clock, scaledClock} from '../clock.ts';
import {RefusedError} from '../errors.ts';
import type {ParsedFleet} from './fleet/parse.ts';
import type {Fleet} from './fleet/schema.ts';
import {seedFleet} from './fleet/seed.ts';
import {seededRandom} from './random.ts';
import {Changes} from './state/changes.ts';
import {type Moment, type Origin, readState, type SavedState, StateFile} from './state/state-file.ts';
import {Store} from './state/store.ts';

const HEARTBEAT_MS = 10_000;
const LONGEST_FAST_GAP_MS = 60 * 60 * 1000;

export interface WorldOptions {
  /** Where the state is kept; without it everything is in memory only. */
  readonly stateDir?: string | undefined;
  /** Whether volumes and instances are real in it. */
  readonly hasHardware?: boolean;
}

/** One lab. Everything that changes goes through `commit`. */
export class World {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly store = new Store();
  /** Chance for ids and delays; only ids of a new world are the same every time. */
  readonly random: () => number;
  /** Something the operator should know about the state that was found. */
  readonly notice: string | undefined;
  /** What this world's state began as, maybe long ago. */
  readonly origin: Origin;
  /** Gives a new instance its address; real instances need better ones. */
  nextAddress = (): string => `10.0.${this.#numberBelow(256)}.${4 + this.#numberBelow(250)}`;
  readonly #file: StateFile | undefined;
  readonly #heartbeat: NodeJS.Timeout | undefined;

  /** @throws RefusedError when the state began with hardware and this world has none, or the other way round */
  constructor({fleet, digest}: ParsedFleet, {stateDir, hasHardware = false}: WorldOptions = {}) {
    const saved = stateDir === undefined ? undefined : readState(stateDir);
    if (saved) checkHardware(saved, stateDir, hasHardware);
    const {speed} = fleet.clock;
    this.fleet = fleet;
    this.clock = scaledClock(speed, saved ? resumeAt(saved.moment, speed) : Date.now());
    this.random = saved ? Math.random : seededRandom(fleet.seed + 1);
    this.origin = saved
      ? {digest: saved.digest, mibPerGib: saved.mibPerGib}
      : {digest, mibPerGib: hasHardware ? fleet.hardware.mib_per_gib : undefined};
    if (this.origin.digest !== digest) {
      this.notice =
        'the lab file has changed; the lab goes on with the fleet it began with, `ftask lab reset` begins afresh';
    }
    this.store.apply(saved?.changes ?? seedFleet(seedable(fleet, hasHardware), this.clock.now()).list);
    this.#forgetDeleted();
    if (stateDir === undefined) return;
    this.#file = StateFile.rewrite(stateDir, this.origin, this.#moment(), this.store.entries());
    this.#heartbeat = setInterval(() => this.#file?.append(this.#moment(), []), HEARTBEAT_MS).unref();
  }

  /** Applies changes and, with a state folder, has them on disk when it returns. */
  commit(changes: Changes): void {
    if (changes.list.length === 0) return;
    this.#file?.append(this.#moment(), changes.list);
    this.store.apply(changes.list);
  }

  /** What the clock on the wall says, which is what requests are dated by. */
  wallMs(): number {
    return Date.now() + this.fleet.clock.offset_minutes * 60_000;
  }

  /** Writes the last moment. */
  close(): void {
    clearInterval(this.#heartbeat);
    this.#file?.append(this.#moment(), []);
    this.#file?.close();
  }

  /** Snapshots that were deleted while pending have completed since, and others have left the Recycle Bin. */
  #forgetDeleted(): void {
    const gone = new Changes();
    for (const region of Object.keys(this.fleet.regions)) {
      for (const snapshot of this.store.all('snapshot', region)) {
        const goneAt = snapshot.deletedAt ?? snapshot.bin?.leavesAt ?? Number.POSITIVE_INFINITY;
        if (goneAt <= this.clock.now()) gone.delete('snapshot', snapshot);
      }
    }
    this.store.apply(gone.list);
  }

  #numberBelow(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  #moment(): Moment {
    return {lab: this.clock.now(), real: Date.now()};
  }
}

/** A snapshot without blocks could not be restored, so a lab with disks begins without histories. */
function seedable(fleet: Fleet, hasHardware: boolean): Fleet {
  return hasHardware ? {...fleet, history: []} : fleet;
}

function checkHardware({mibPerGib}: SavedState, stateDir: string | undefined, isWanted: boolean): void {
  if (isWanted === (mibPerGib !== undefined)) return;
  if (isWanted) {
    throw new RefusedError('LabWithoutHardware', `the lab in ${stateDir} began without disks and machines`, {
      hint: '`ftask lab reset` forgets it; then `ftask lab up`',
    });
  }
  throw new RefusedError('LabIsDown', `the lab in ${stateDir} has disks and machines, and it is down`, {
    hint: '`ftask lab up` starts it again, `ftask lab reset` forgets it',
  });
}

/** While nobody looked the lab went on at its own speed for an hour at most, then at the world's: it never goes back. */
function resumeAt({lab, real}: Moment, speed: number): number {
  const gap = Math.max(0, Date.now() - real);
  return lab + Math.max(gap, Math.min(gap * speed, LONGEST_FAST_GAP_MS));
}

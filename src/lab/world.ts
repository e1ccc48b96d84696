/** The lab as a whole: its fleet's settings, its clock, what exists in it, and what is on disk. */
import {type Clock, scaledClock} from '../clock.ts';
import type {ParsedFleet} from './fleet/parse.ts';
import type {Fleet} from './fleet/schema.ts';
import {seedFleet} from './fleet/seed.ts';
import {seededRandom} from './random.ts';
import {Changes} from './state/changes.ts';
import {type Moment, readState, StateFile} from './state/state-file.ts';
import {Store} from './state/store.ts';

const HEARTBEAT_MS = 10_000;
const LONGEST_FAST_GAP_MS = 60 * 60 * 1000;

/** One lab. Everything that changes goes through `commit`. */
export class World {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly store = new Store();
  /** Chance for ids and delays; only ids of a new world are the same every time. */
  readonly random: () => number;
  /** Something the operator should know about the state that was found. */
  readonly notice: string | undefined;
  readonly #file: StateFile | undefined;
  readonly #heartbeat: NodeJS.Timeout | undefined;

  constructor({fleet, digest}: ParsedFleet, stateDir: string | undefined) {
    const saved = stateDir === undefined ? undefined : readState(stateDir);
    const {speed} = fleet.clock;
    this.fleet = fleet;
    this.clock = scaledClock(speed, saved ? resumeAt(saved.moment, speed) : Date.now());
    this.random = saved ? Math.random : seededRandom(fleet.seed + 1);
    if (saved && saved.digest !== digest) {
      this.notice =
        'the lab file has changed; the lab goes on with the fleet it began with, `ftask lab reset` begins afresh';
    }
    this.store.apply(saved?.changes ?? seedFleet(fleet, this.clock.now()).list);
    this.#forgetDeleted();
    if (stateDir === undefined) return;
    this.#file = StateFile.rewrite(stateDir, saved?.digest ?? digest, this.#moment(), this.store.entries());
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

  /** Snapshots that were deleted while pending have completed since. */
  #forgetDeleted(): void {
    const gone = new Changes();
    for (const region of Object.keys(this.fleet.regions)) {
      for (const snapshot of this.store.all('snapshot', region)) {
        if ((snapshot.deletedAt ?? Number.POSITIVE_INFINITY) <= this.clock.now())
          gone.delete('snapshot', snapshot);
      }
    }
    this.store.apply(gone.list);
  }

  #moment(): Moment {
    return {lab: this.clock.now(), real: Date.now()};
  }
}

/** While nobody looked the lab went on at its own speed for an hour at most, then at the world's: it never goes back. */
function resumeAt({lab, real}: Moment, speed: number): number {
  const gap = Math.max(0, Date.now() - real);
  return lab + Math.max(gap, Math.min(gap * speed, LONGEST_FAST_GAP_MS));
}

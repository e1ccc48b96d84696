/** What the script of a freeze says, read line by line. */
import {escapedMountPoint} from './mount-point.ts';

export type EndedBy = 'us' | 'timeout' | 'signal' | 'end of file';

export interface FreezeReport {
  readonly frozen: readonly string[];
  readonly notFrozen: readonly NotFrozen[];
  /** All that was frozen stayed so until we said thaw. */
  readonly held: boolean;
  readonly endedBy: EndedBy;
  /** From the first freeze to the last thaw, by the host's clock. */
  readonly ms: number;
}

export interface NotFrozen {
  readonly mountPoint: string;
  readonly why: string;
}

interface Entry {
  state: 'waiting' | 'freezing' | 'frozen' | 'not frozen' | 'thawed' | 'lost' | 'stuck';
  why: string;
  /** Of the host's clock. */
  fromMs: number;
  untilMs: number;
  /** Another mount point of the same filesystem, which stands for both. */
  twin: string | undefined;
}

export class FreezeLog {
  /** A program that the host lacks; nothing was done. */
  missing: string | undefined;
  isArmed = false;
  /** Each has been frozen, or cannot be. */
  isAllFrozen = false;
  /** Nothing is frozen any more, unless it cannot be thawed. */
  isDone = false;
  /** The first word counts: each end brings about others. */
  endedBy: EndedBy | undefined;
  /** By the spelling of the script. */
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #mountPoints: readonly string[];

  constructor(mountPoints: readonly string[]) {
    this.#mountPoints = mountPoints;
    this.#entries = new Map(mountPoints.map((point) => [escapedMountPoint(point), newEntry()]));
  }

  hear(line: string): void {
    const [word = '', second = '', ...rest] = line.replace(/ +$/, '').split(' ');
    if (word === 'missing') this.missing = second;
    if (word === 'armed') this.isArmed = true;
    if (word === 'all') this.isAllFrozen = true;
    if (word === 'done') this.isDone = true;
    if (word === 'end') this.endedBy ??= endOf([second, ...rest].join(' '));
    // Whoever ends it is told before the thaw begins, but for the time.
    if (word === 'thawing') this.endedBy ??= 'timeout';
    const entry = this.#entries.get(second);
    if (entry) hearOf(entry, word, rest.join(' '));
  }

  /** Of a freeze that is over. */
  report(): FreezeReport {
    const entries = this.#mountPoints.map((mountPoint) => ({mountPoint, ...this.#entryOf(mountPoint)}));
    const frozen = entries.filter(({state}) => WAS_FROZEN.has(state));
    const others = entries.filter(({state}) => !WAS_FROZEN.has(state));
    const endedBy = this.endedBy ?? 'signal';
    return {
      frozen: frozen.map(({mountPoint}) => mountPoint),
      notFrozen: others.map(({mountPoint, why}) => ({mountPoint, why: inWords(why)})),
      held: endedBy === 'us' && frozen.every(({state}) => state === 'thawed'),
      endedBy,
      ms: frozen.length === 0 ? 0 : spanOf(frozen),
    };
  }

  /** Those that the host tries to thaw in vain. */
  stuck(): string[] {
    return this.#mountPoints.filter((point) => this.#entryOf(point).state === 'stuck');
  }

  #entryOf(mountPoint: string): Entry {
    const entry = this.#entries.get(escapedMountPoint(mountPoint)) ?? newEntry();
    return (entry.twin === undefined ? undefined : this.#entries.get(entry.twin)) ?? entry;
  }
}

const WAS_FROZEN: ReadonlySet<Entry['state']> = new Set(['frozen', 'thawed', 'lost', 'stuck']);

function newEntry(): Entry {
  return {state: 'waiting', why: 'it was over before', fromMs: 0, untilMs: 0, twin: undefined};
}

/** `lost`: another thawed it, or the one that held it was killed. */
function hearOf(entry: Entry, word: string, rest: string): void {
  if (word === 'freezing') Object.assign(entry, {state: word, fromMs: Number(rest)});
  if (word === 'frozen') entry.state = word;
  if (word === 'thawed' || word === 'lost' || word === 'stuck')
    Object.assign(entry, {state: word, untilMs: Number(rest)});
  if (word === 'not') Object.assign(entry, {state: 'not frozen', why: rest});
  if (word === 'same') entry.twin = rest;
}

function endOf(word: string): EndedBy {
  return word === 'us' || word === 'timeout' || word === 'end of file' ? word : 'signal';
}

function spanOf(frozen: readonly Entry[]): number {
  const from = Math.min(...frozen.map(({fromMs}) => fromMs));
  return Math.max(0, ...frozen.map(({untilMs}) => untilMs - from));
}

function inWords(why: string): string {
  if (why === 'Device or resource busy') return 'somebody else has frozen it';
  if (why === 'Operation not supported') return 'a filesystem of its type cannot be frozen';
  return why === '' ? 'its freeze was killed' : why;
}

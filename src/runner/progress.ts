/** What a running task tells: kept as a small model that a display may sample, or follow line by line. */
import type {Picture} from './picture.ts';

export type ItemState = 'started' | 'updated' | 'done' | 'failed' | 'skipped';

/** One thing that happened; displays that print lines print one for each. */
export type ProgressEvent =
  | {readonly kind: 'group'; readonly group: GroupView; readonly state: 'opened' | 'closed'}
  | {
      readonly kind: 'item';
      readonly group: GroupView;
      readonly item: string;
      readonly state: ItemState;
      readonly text?: string;
    }
  | {readonly kind: 'talk'; readonly level: TalkLevel; readonly text: string}
  | {readonly kind: 'picture'; readonly draw: Picture};

export type TalkLevel = 'note' | 'warning' | 'debug';

/** What a display can see of a group at any moment. */
export interface GroupView {
  readonly name: string;
  readonly total: number | undefined;
  readonly finished: number;
  readonly skipped: number;
  readonly closed: boolean;
  /** What it is doing now, or how it ended. */
  readonly text: string | undefined;
  /** Items under way with their latest text, in the order they were started. */
  readonly active: ReadonlyMap<string, string | undefined>;
  /** Items that failed, with the reason. */
  readonly failed: ReadonlyMap<string, string>;
}

/** One row of work: a region, a host, a phase. Every method may be called at any rate. */
export interface ProgressGroup {
  /** How many items there will be, once known. */
  expect(total: number): void;
  /** What the whole row is doing; nothing special when empty. */
  say(text: string): void;
  start(item: string, text?: string): void;
  update(item: string, text: string): void;
  done(item: string, text?: string): void;
  fail(item: string, reason: string): void;
  skip(item: string, reason: string): void;
  /** Ends the row; may be called twice. */
  close(text?: string): void;
}

/** How a task talks. Nothing here reaches stdout, and no outcome depends on it. */
export interface Progress {
  group(name: string): ProgressGroup;
  note(text: string): void;
  warn(text: string): void;
  /** Shown with `-v`. */
  debug(text: string): void;
  /** Shown at once, above what is still going on. */
  show(draw: Picture): void;
}

/** The model behind `Progress`: displays read `groups` when they like, or listen to `events`. */
export class ProgressModel implements Progress {
  readonly #groups: Group[] = [];
  readonly #listeners = new Set<(event: ProgressEvent) => void>();

  get groups(): readonly GroupView[] {
    return this.#groups;
  }

  /** Calls `listener` at each event until the returned function is called, or until it throws. */
  listen(listener: (event: ProgressEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  group(name: string): ProgressGroup {
    const group = new Group(name, (event) => this.#emit(event));
    this.#groups.push(group);
    this.#emit({kind: 'group', group, state: 'opened'});
    return group;
  }

  note(text: string): void {
    this.#emit({kind: 'talk', level: 'note', text});
  }

  warn(text: string): void {
    this.#emit({kind: 'talk', level: 'warning', text});
  }

  debug(text: string): void {
    this.#emit({kind: 'talk', level: 'debug', text});
  }

  show(draw: Picture): void {
    this.#emit({kind: 'picture', draw});
  }

  #emit(event: ProgressEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        this.#listeners.delete(listener); // No outcome depends on what is shown.
      }
    }
  }
}

class Group implements ProgressGroup, GroupView {
  readonly name: string;
  total: number | undefined;
  finished = 0;
  skipped = 0;
  closed = false;
  text: string | undefined;
  readonly active = new Map<string, string | undefined>();
  readonly failed = new Map<string, string>();
  readonly #emit: (event: ProgressEvent) => void;

  constructor(name: string, emit: (event: ProgressEvent) => void) {
    this.name = name;
    this.#emit = emit;
  }

  expect(total: number): void {
    this.total = total;
  }

  say(text: string): void {
    this.text = text || undefined;
  }

  start(item: string, text?: string): void {
    this.active.set(item, text);
    this.#item(item, 'started', text);
  }

  update(item: string, text: string): void {
    this.active.set(item, text);
    this.#item(item, 'updated', text);
  }

  done(item: string, text?: string): void {
    this.active.delete(item);
    this.finished += 1;
    this.#item(item, 'done', text);
  }

  fail(item: string, reason: string): void {
    this.active.delete(item);
    this.failed.set(item, reason);
    this.#item(item, 'failed', reason);
  }

  skip(item: string, reason: string): void {
    this.active.delete(item);
    this.skipped += 1;
    this.#item(item, 'skipped', reason);
  }

  close(text?: string): void {
    if (this.closed) return;
    this.closed = true;
    if (text !== undefined) this.text = text;
    this.#emit({kind: 'group', group: this, state: 'closed'});
  }

  #item(item: string, state: ItemState, text?: string): void {
    this.#emit({kind: 'item', group: this, item, state, ...(text === undefined ? {} : {text})});
  }
}

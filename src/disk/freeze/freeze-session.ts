/** The talk with the script of one freeze, from the arming to its report. */
import type {Readable} from 'node:stream';
import {LineCutter} from '../../host/exec/lines.ts';
import type {Running} from '../../host/host.ts';
import {FreezeFailed} from './freeze-failed.ts';
import {FreezeLog, type FreezeReport} from './freeze-log.ts';

/** For an answer that is on its way when the host's own time is over. */
export const THAW_SLACK_MS = 5000;
const KEPT_NOISE = 1000;

export interface FreezeTerms {
  readonly mountPoints: readonly string[];
  readonly timeoutMs: number;
}

export class FreezeSession {
  /** Resolves when nothing more will be heard. */
  readonly over: Promise<void>;
  readonly #host: string;
  readonly #running: Running;
  readonly #terms: FreezeTerms;
  readonly #log: FreezeLog;
  readonly #listeners = new Set<() => void>();
  #isOver = false;
  #armedAt = 0;
  #noise = '';
  #thawing: Promise<FreezeReport> | undefined;

  constructor(host: string, running: Running, terms: FreezeTerms) {
    this.#host = host;
    this.#running = running;
    this.#terms = terms;
    this.#log = new FreezeLog(terms.mountPoints);
    const noise = eachLine(running.stderr, (line) => {
      this.#noise = `${this.#noise} ${line}`.slice(-KEPT_NOISE);
    });
    const said = eachLine(running.stdout, (line) => this.#hear(line));
    this.over = Promise.all([said, noise]).then(() => {
      this.#isOver = true;
      this.#tell();
    });
  }

  /** How it stands, or stood. */
  report(): FreezeReport {
    return this.#log.report();
  }

  /** Resolves when all is frozen that can be. @throws FreezeFailed, and what the command failed with */
  async untilFrozen(): Promise<void> {
    const log = this.#log;
    await this.#until(() => log.isArmed);
    this.#armedAt = performance.now();
    await this.#until(() => log.isAllFrozen || log.endedBy !== undefined, this.#leftMs());
    if (log.isAllFrozen && log.endedBy === undefined && !this.#isOver) return;
    this.letGo();
    await this.#until(() => log.isDone || log.stuck().length > 0, this.#leftMs());
    throw await this.#failure();
  }

  /** Thaws without waiting for it. May be called twice. */
  letGo(): void {
    this.#running.stdin.end();
    // Nobody reads yet: it is still flushing, or asked for a password. One that has said its last tells why by its end.
    if (!this.#log.isArmed && !this.#isOver) void this.#running.end();
  }

  /** Thaws and tells how it was; see `Frozen`. */
  thaw(): Promise<FreezeReport> {
    this.#thawing ??= this.#thaw();
    return this.#thawing;
  }

  async #thaw(): Promise<FreezeReport> {
    const {stdin} = this.#running;
    if (!stdin.writableEnded) stdin.end('thaw\n');
    const log = this.#log;
    await this.#until(() => log.isDone || log.stuck().length > 0, this.#leftMs());
    if (log.stuck().length > 0) throw this.#stillFrozen();
    if (!log.isDone) throw this.#untold(await this.#commandError());
    return log.report();
  }

  #hear(line: string): void {
    this.#log.hear(line);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Waits until something is so, nothing more will be heard, or the time is over. */
  async #until(isSo: () => boolean, limitMs?: number): Promise<void> {
    let settle = (): void => {};
    const seen = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const look = (): void => {
      if (isSo() || this.#isOver) settle();
    };
    const timer = limitMs === undefined ? undefined : setTimeout(settle, limitMs);
    this.#listeners.add(look);
    look();
    await seen;
    this.#listeners.delete(look);
    clearTimeout(timer);
  }

  /** Until the host must have thawed, seen from here; an answer is given its time in any case. */
  #leftMs(): number {
    const left = this.#armedAt + this.#terms.timeoutMs - performance.now();
    return Math.max(0, left) + THAW_SLACK_MS;
  }

  /** Why not all was frozen. */
  async #failure(): Promise<unknown> {
    const {missing, isArmed, isDone, endedBy} = this.#log;
    if (missing) {
      return new FreezeFailed('FsfreezeMissing', `${this.#host}: there is no ${missing}`, {
        hint: 'it is in the package util-linux',
      });
    }
    const error = isDone ? undefined : await this.#commandError();
    if (error !== undefined) return error;
    if (!isArmed) return new FreezeFailed('NotArmed', `${this.#host}: no thaw could be armed:${this.#noise}`);
    if (this.#log.stuck().length > 0) return this.#stillFrozen();
    if (!isDone) return this.#untold();
    const why = endedBy === 'timeout' ? `it took more than ${this.#seconds}` : `it was ended by ${endedBy}`;
    return new FreezeFailed('FreezeEnded', `${this.#host}: not all was frozen: ${why}; all is thawed again`);
  }

  #untold(cause?: unknown): FreezeFailed {
    const what = `${this.#host}: it did not tell how long ${this.#terms.mountPoints.join(' ')} stayed frozen`;
    const hint = `it thaws by itself ${this.#seconds} after the freeze began`;
    return new FreezeFailed('FreezeUntold', what, {hint, cause});
  }

  #stillFrozen(): FreezeFailed {
    const names = this.#log.stuck().join(' ');
    const hint = `look at the disk; then, as root there: fsfreeze --unfreeze ${names}`;
    const what = `${this.#host}: it cannot thaw ${names}, and tries on for a minute`;
    return new FreezeFailed('StillFrozen', what, {hint});
  }

  get #seconds(): string {
    return `${Math.ceil(this.#terms.timeoutMs / 1000)} s`;
  }

  /** A command that still runs tells nothing. */
  async #commandError(): Promise<unknown> {
    if (!this.#isOver) return undefined;
    return this.#running.result.then(
      () => undefined,
      (error: unknown) => error,
    );
  }
}

/** Never rejects: how the command ended tells more than its output being cut. */
async function eachLine(output: Readable, hear: (line: string) => void): Promise<void> {
  const lines = new LineCutter((text) => text, 0);
  try {
    for await (const chunk of output) lines.push(chunk).forEach(hear);
  } catch {
    // What came before counts.
  }
  lines.flush().forEach(hear);
}

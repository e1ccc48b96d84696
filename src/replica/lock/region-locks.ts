/**
 * Locks in a region: one replication of a volume into it at a time, whatever machine it runs on. EC2 refuses a second key
 * pair of the same name (InvalidKeyPair.Duplicate): of all that it makes for nothing, nothing else is made if absent.
 */
import {randomBytes} from 'node:crypto';
import type {Ec2} from '../../ec2/client.ts';
import {LostAnswerError} from '../../ec2/errors.ts';
import type {Region} from '../../ec2/ids.ts';
import {LOOKS_MS} from '../../ec2/scratch/make/make-once.ts';
import {hasCode, unlessRefused} from '../../ec2/scratch/patience.ts';
import {scratchPattern, TEMPORARY_TAG} from '../../ec2/scratch/temporary-tag.ts';
import {tagList} from '../../ec2/tags.ts';
import {FtaskError} from '../../errors.ts';
import type {Lineage} from '../plan/source.ts';
import {type HeldLock, startBeating} from './beating.ts';
import {type Holder, type LockFacts, lockName, lockTags, readLock} from './lock-tags.ts';
import {isGone, type Owner} from './owner.ts';
import {replicating} from './replicating.ts';

export interface LockOptions {
  readonly run: string;
  readonly owner: Owner;
  /** `ssh-ed25519 AAAA...` of a pair whose private key nobody has. */
  readonly publicKey: string;
  /** How long after the last sign of life others may take over, milliseconds of EC2's clock. */
  readonly expiryMs: number;
  /** Told what the operator must know. */
  readonly warn: (text: string) => void;
}

/** The lock of one volume. */
export interface Lock {
  /** The process that held it before was killed, so what it made last may not be visible yet. */
  readonly isTakenOver: boolean;
  /** Called right before what must not be done twice. @throws FtaskError `LockLost` */
  check(): void;
  /** May be called twice; a lock that is not there any more counts as given back. @throws Ec2Error */
  release(): Promise<void>;
}

const MAX_TRIES = 6;

type Taken = {readonly id: string} | {readonly id: undefined; readonly looksMs: readonly number[]};

export class RegionLocks {
  readonly #ec2: Ec2;
  readonly #region: Region;
  readonly #options: LockOptions;
  readonly #scratch: string;
  readonly #held = new Map<string, HeldLock>();
  readonly #beating: {stop(): Promise<void>};
  /** An answer was lost for good: there may be a lock of ours that we do not know of. */
  #isInDoubt = false;

  constructor(ec2: Ec2, region: Region, options: LockOptions) {
    this.#ec2 = ec2;
    this.#region = region;
    this.#options = options;
    this.#scratch = `${options.run}/${randomBytes(4).toString('hex')}`;
    const {run, expiryMs, warn} = options;
    this.#beating = startBeating(ec2, region, {
      run,
      scratch: this.#scratch,
      expiryMs,
      warn,
      held: this.#held,
    });
  }

  /**
   * Takes the lock of a volume; what nobody has given a sign of life for is taken over, and told. Never cut short: a lock
   * that nobody knows of would keep others out until it expires.
   * @throws RefusedError `Replicating`, which names who holds it; Ec2Error
   */
  async take(lineage: Lineage): Promise<Lock> {
    const name = lockName(lineage);
    let isTakenOver = false;
    for (let tries = 1; ; tries += 1) {
      const taken = await this.#tryTake(lineage, name, tries);
      if (taken.id !== undefined) return this.#lock(taken.id, isTakenOver);
      const holder = await this.#find(name, taken.looksMs);
      if (!holder) continue;
      if (holder.facts?.scratch === this.#scratch && !this.#held.has(holder.id)) {
        return this.#lock(holder.id, isTakenOver);
      }
      const why = await this.#whyOver(holder);
      if (why === undefined) {
        throw replicating(lineage, {region: this.#region, holder, nowMs: this.#ec2.clock.now()});
      }
      this.#options.warn(
        `${this.#region}: the lock of ${lineage.volume} of ${lineage.bornIn} ${why}; taken over`,
      );
      isTakenOver = true;
      // By its id, so that it is not the lock that somebody else has just taken in its place.
      await this.#delete(holder.id);
    }
  }

  /** Gives all locks back, also one that nobody has heard of. May be called twice. @throws Ec2Error */
  async close(): Promise<void> {
    await this.#beating.stop();
    const ids = new Set(this.#held.keys());
    if (this.#isInDoubt) {
      const Filters = [{Name: `tag:${TEMPORARY_TAG}`, Values: [scratchPattern(this.#scratch)]}];
      const {KeyPairs = []} = await this.#ec2.call(this.#region, 'DescribeKeyPairs', {Filters});
      for (const {KeyPairId = ''} of KeyPairs) ids.add(KeyPairId);
    }
    await Promise.all([...ids].map((id) => this.#release(id)));
  }

  /** The id of the key pair; without one somebody has it, or nobody knows, and when to look for it is told. */
  async #tryTake(lineage: Lineage, name: string, tries: number): Promise<Taken> {
    const {expiryMs, run, owner, publicKey} = this.#options;
    const nowMs = this.#ec2.clock.now();
    const facts: LockFacts = {run, scratch: this.#scratch, owner, sinceMs: nowMs};
    const tags = lockTags(lineage, facts, {nowMs, expiryMs});
    const input = {
      KeyName: name,
      PublicKeyMaterial: Buffer.from(publicKey),
      TagSpecifications: [{ResourceType: 'key-pair' as const, Tags: tagList(tags)}],
    };
    try {
      const {KeyPairId = ''} = await this.#ec2.call(this.#region, 'ImportKeyPair', input);
      return {id: KeyPairId};
    } catch (error) {
      const isLost = error instanceof LostAnswerError;
      if (isLost) this.#isInDoubt = true;
      if (tries === MAX_TRIES || !(isLost || hasCode(error, ['InvalidKeyPair.Duplicate']))) throw error;
      return {id: undefined, looksMs: isLost ? [0, ...LOOKS_MS] : [0, 1000]};
    }
  }

  /** Undefined when it is gone, or not to be seen yet. */
  async #find(name: string, looksMs: readonly number[]): Promise<Holder | undefined> {
    const Filters = [{Name: 'key-name', Values: [name]}];
    for (const pauseMs of looksMs) {
      await this.#ec2.clock.sleep(pauseMs);
      const {KeyPairs = []} = await this.#ec2.call(this.#region, 'DescribeKeyPairs', {Filters});
      const [found] = KeyPairs;
      if (found) return readLock(found);
    }
    return undefined;
  }

  /** How one knows that nobody holds it any more. A key pair of somebody else's that happens to have the name never is over. */
  async #whyOver({facts}: Holder): Promise<string | undefined> {
    if (facts === undefined) return undefined;
    const who = `was left by run ${facts.run} (${facts.owner.name})`;
    if (await isGone(facts.owner)) return `${who}, which is gone`;
    return facts.expiresMs <= this.#ec2.clock.now() ? `${who}, which gives no sign of life` : undefined;
  }

  #lock(id: string, isTakenOver: boolean): Lock {
    const held: HeldLock = {expiresMs: this.#ec2.clock.now() + this.#options.expiryMs};
    this.#held.set(id, held);
    return {
      isTakenOver,
      check: () => {
        if (held.expiresMs > this.#ec2.clock.now()) return;
        throw new FtaskError(
          'LockLost',
          `${this.#region}: the lock has been lost to somebody else meanwhile`,
          {
            hint: 'Was this machine asleep? Run again.',
          },
        );
      },
      release: () => this.#release(id),
    };
  }

  async #release(id: string): Promise<void> {
    this.#held.delete(id);
    await this.#delete(id);
  }

  #delete(id: string): Promise<void> {
    return unlessRefused(['InvalidKeyPair.NotFound'], () =>
      this.#ec2.call(this.#region, 'DeleteKeyPair', {KeyPairId: id}),
    );
  }
}

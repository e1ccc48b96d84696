/** How a replica is made: the seam between the plan and the methods `copy` and `rsync`. */
import type {Region, SnapshotId} from '../ec2/ids.ts';
import type {Tags} from '../ec2/tags.ts';
import {FtaskError} from '../errors.ts';
import type {PlanItem} from './plan/plan.ts';
import type {Source} from './plan/source.ts';

/** One replica to be made, while the lock of its volume in the destination is held. */
export interface Order {
  readonly item: PlanItem;
  readonly to: Region;
  /** The replica's identity; they go into the creating call itself. */
  readonly tags: Tags;
  readonly description: string;
  /** One that is being made already: it is waited for and verified, and nothing new is made unless it fails. */
  readonly adopt?: SnapshotId;
  /** Called right before what makes the replica. @throws FtaskError `LockLost` when somebody else may be making it by now */
  mayCreate(): void;
  /** Told what is going on: a few words, at any rate. */
  say(text: string): void;
}

/** A replica that goes on being made at AWS though nobody waits for it any more; the next run adopts it. */
export class StillBeingMade extends FtaskError {
  readonly snapshot: SnapshotId;

  constructor(snapshot: SnapshotId, why: string, cause?: unknown) {
    super('StillBeingMade', `${snapshot} ${why}; it goes on at AWS`, {
      hint: 'The next run waits for it.',
      cause,
    });
    this.snapshot = snapshot;
  }
}

export interface Made {
  readonly id: SnapshotId;
  readonly sizeGiB: number;
  /** Transferred, where that is known. */
  readonly bytes?: number;
  /** Something unusual about it, for its row. */
  readonly note?: string;
  /** Of EC2's clock. */
  readonly seconds: number;
}

export interface Method {
  readonly name: 'copy' | 'rsync';
  /** Items at a time into one region. */
  readonly concurrency: number;
  /** Compares the blocks of what it has made with those of its source. */
  readonly compares: boolean;
  /** Looks whether it can be done, before anything is; only reads. @throws RefusedError; Ec2Error */
  prepare(to: Region, first: Source): Promise<void>;
  /**
   * Makes the replica; resolves when it is completed and verified.
   * @throws FtaskError; nothing that is not verified is left under a replica's identity then, but what is `StillBeingMade`
   */
  make(order: Order): Promise<Made>;
  /** Removes what the method has made for itself, such as instances. May be called twice. */
  close(): Promise<void>;
}

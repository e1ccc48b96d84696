/** Volumes as they are attached for one replica. */
import type {VolumeId} from '../../ec2/ids.ts';
import type {End} from '../trees/channel.ts';

export interface Disk extends End {
  readonly volume: VolumeId;
  /** Its path on the host. */
  readonly device: string;
  readonly sizeGiB: number;
}

/** Where a copy may go. */
export interface Targets {
  /** Made of the newest replica, if there is one. */
  readonly first: Disk;
  readonly isEmpty: boolean;
  /** Another one, which holds nothing. */
  openEmpty(): Promise<Disk>;
}

export interface Copied {
  /** What it is on now. */
  readonly disk: Disk;
  /** Sent for it. */
  readonly bytes: number;
}

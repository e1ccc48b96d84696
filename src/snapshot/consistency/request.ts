/** What a consistent backup is asked for. */
import type {Region} from '../../ec2/ids.ts';
import type {Instance} from '../../ec2/instances.ts';
import type {Host} from '../../host/host.ts';

export interface ConsistencyRequest {
  /** After which the host thaws by itself. */
  readonly freezeTimeoutMs: number;
  /** Freeze root filesystems, too. */
  readonly freezeRoot: boolean;
  /** Less than was asked for is no failure; it is told, and is in the tag. */
  readonly bestEffort: boolean;
  /** Run on the host before the freeze; one that fails keeps it from being done. */
  readonly before: readonly Hook[];
  /** Run after the thaw, whatever happened before it. */
  readonly after: readonly Hook[];
  /** The host that an instance is; the backup closes it. Nothing is connected yet. @throws UsageError */
  readonly hostOf: (instance: Instance, region: Region) => Host;
}

/** What is run on a host for an application, so that its data on the disk is whole. */
export interface Hook {
  readonly name: string;
  /** Only on instances with this tag. */
  readonly tag?: {readonly name: string; readonly value: string};
  /** A piece of shell. */
  readonly run: string;
  /** With sudo; the user who logs in when there is none. */
  readonly user?: string;
  readonly timeoutMs: number;
}

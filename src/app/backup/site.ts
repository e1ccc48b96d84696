/** Where a backup is at work: the host, the folder that becomes the snapshot, and whom it tells. */
import {asRoot} from '../../disk/as-root.ts';
import {type Command, type CommandOptions, shellText} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {NO_LIMIT_MS} from '../limits.ts';
import {partialName} from '../snapshot/name.ts';

export interface Site {
  readonly host: Host;
  /** The folder of all snapshots. */
  readonly root: string;
  /** Of the snapshot. */
  readonly name: string;
  /** The folder that becomes the snapshot. */
  readonly partial: string;
  /** A folder for what is gone in the end. */
  readonly work: string;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  /** Tells of what is not as it should be, and no failure. */
  readonly warn: (text: string) => void;
}

/** The folders of a snapshot that is being made. */
export function placesOf(root: string, name: string): Pick<Site, 'root' | 'name' | 'partial' | 'work'> {
  return {
    root,
    name,
    partial: `${root}/${partialName(name)}`,
    work: `${root}/${partialName(`${name}.work`)}`,
  };
}

/** Shell text that runs as root in the folder of the snapshot; what it makes is root's alone. */
export function inPartial({partial, signal}: Site, text: string, options: CommandOptions): Command {
  return inPrivate(text, {cwd: partial, signal, ...options});
}

/** Shell text that runs as root; what it makes is root's alone. */
export function inPrivate(text: string, options: CommandOptions): Command {
  return asRoot(shellText(text), {umask: 0o077, timeoutMs: NO_LIMIT_MS, ...options});
}

/** Shell text that runs as root and only looks: in a dry run, too. */
export function looking(text: string, options: CommandOptions): Command {
  return asRoot(shellText(text), {reads: true, timeoutMs: NO_LIMIT_MS, ...options});
}

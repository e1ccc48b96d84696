/** What lies in a folder of snapshots or of archives, as retention sees it. */

/** A snapshot that is proved to be of the application and its host. */
export interface ListedSnapshot {
  readonly name: string;
  readonly prefix: string;
  /** The moment that it is of. */
  readonly timeMs: number;
  /** All in the folder that is of it, in the order in which it has to go: what proves whose it is goes last. */
  readonly parts: readonly string[];
  /** Why somebody wants it to stay: what is in the file `<name>.pin`. */
  readonly pin?: string;
}

/** What is never judged, and why. */
export interface Other {
  readonly name: string;
  readonly why: string;
}

export interface Listing {
  readonly snapshots: readonly ListedSnapshot[];
  readonly others: readonly Other[];
}

/** Beside a snapshot: an empty file, or one that tells why. */
export const PIN_END = '.pin';

/** Whose snapshots are judged: those with other prefixes have histories of their own, which other backups look after. */
export interface Judging {
  readonly application: string;
  readonly prefixes: readonly string[];
}

/** Why it is not judged by its name alone; undefined when it may be. */
export function strangePrefix(prefix: string, {prefixes}: Judging): string | undefined {
  return prefixes.includes(prefix) ? undefined : `its prefix is ${prefix}`;
}

/** The folder on a host that a restore works in. It is there for as long as a restore is under way, or was cut off. */

export interface Places {
  /** The folder of the snapshots. */
  readonly root: string;
  /** All of it; root's alone. */
  readonly folder: string;
  /** What the script of a restore says it does, line by line: who finds it knows what has to be taken back. */
  readonly state: string;
  readonly script: string;
  /** What other programs say. */
  readonly log: string;
  /** Owners and modes, a file a folder that is restored. */
  readonly lists: string;
  /** An archive that was brought to the host. */
  readonly upload: string;
  /** What was in an archive. */
  readonly staging: string;
}

/** The places of the application whose snapshots are in `root`. */
export function restorePlaces(root: string): Places {
  const folder = `${root}/.restore`;
  return {
    root,
    folder,
    state: `${folder}/state`,
    script: `${folder}/script`,
    log: `${folder}/log`,
    lists: `${folder}/lists`,
    upload: `${folder}/upload`,
    staging: `${folder}/staging`,
  };
}

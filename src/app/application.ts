/** What an application is: what belongs into its snapshot, and what has to stop while it is restored. Pure data. */
import type {Policy} from '../retention/policy.ts';
import type {Secret} from '../secret.ts';

export interface Application {
  /** As people call it; also the beginning of a key of the metadata, `<name>_version`. */
  readonly name: string;
  /** The folder on the host that holds all of its snapshots, such as /opt/backups/shop. */
  readonly root: string;
  /** What the names of its snapshots begin with. */
  readonly prefix: string;
  /** Paths that must be there before anything is written, beside those of its components. */
  readonly requires: readonly string[];
  /** Each has a name of its own. */
  readonly components: readonly Component[];
  /** Names of components that were not asked for, which readers of the metadata look for all the same. */
  readonly leftOut?: readonly string[];
  /** Prints the version of what is installed. */
  readonly version?: {readonly command: readonly string[]; readonly user?: string};
  /** Folders whose folders are counted for the metadata. */
  readonly counts: readonly {readonly name: string; readonly path: string}[];
  /** Without it only the folder of the snapshot is made. */
  readonly archive?: ArchiveWish;
  /** Brings the archive into this folder of the machine that ftask runs on. */
  readonly fetch?: {readonly dir: string};
  /** Free space must be this many times the estimate; undefined: it is not looked at. */
  readonly diskRatio?: number;
  /** Without it nothing is ever removed. */
  readonly keep?: Keep;
  /** Whether the files of the snapshot are hashed for its manifest. */
  readonly checksums: boolean;
  /** What is stopped before a restore and started after it, in this order. */
  readonly services: readonly Service[];
  /** Pieces of shell that are run, as root, when all is restored and before the services start. */
  readonly afterRestore: readonly string[];
  readonly health?: Health;
  /** The application's own check of a restored copy, for app_verify. */
  readonly check?: string;
  /** Goes into the metadata as it is. */
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface ArchiveWish {
  readonly format: ArchiveFormat;
  /** Public keys of age; with any of them the archive is encrypted on the host. */
  readonly recipients: readonly string[];
}

export type ArchiveFormat = 'tar.gz' | 'tar.zst';

/** What is kept of its snapshots when a new one is whole. */
export interface Keep {
  /** Of the folders on the host, with their archives. */
  readonly onHost?: Policy;
  /** Of the archives on the machine that ftask runs on. */
  readonly here?: Policy;
  /** UTC or a name of the IANA time zone database: where days begin. */
  readonly zone: string;
  /** So many of the newest are kept in any case. */
  readonly minKeep: number;
  readonly minAgeMs: number;
  /** Nothing at all is removed when it would be a larger part of them. */
  readonly maxDeletePercent: number;
}

export type Component = Postgres | Tree | Files | JournalOf | Output;

/** A database, dumped to `database/<database>.sql` or `.dump`. */
export interface Postgres {
  readonly kind: 'postgres';
  readonly name: string;
  readonly database: string;
  /** The role of PostgreSQL that dumps it. */
  readonly user: string;
  readonly password?: Secret;
  /** A name, an address, or the folder of a socket; the usual socket when undefined. */
  readonly host?: string;
  readonly port: number;
  /** The user of the host that its programs run as. */
  readonly becomeUser: string;
  readonly format: 'plain' | 'custom';
  readonly dumpProgram: string;
  readonly options: readonly string[];
  /** The role that owns it when it is made anew. */
  readonly owner: string;
  /** Tables whose rows are counted, at the very moment of the dump; those that are not there are left out. */
  readonly countTables: readonly string[];
}

/** A folder with all that is below it. */
export interface Tree {
  readonly kind: 'tree';
  readonly name: string;
  readonly path: string;
  /** Its folder in the snapshot. */
  readonly into: string;
  /** Patterns of rsync. */
  readonly excludes: readonly string[];
  readonly required: boolean;
}

/** Single files. */
export interface Files {
  readonly kind: 'files';
  readonly name: string;
  /** Paths and patterns of the shell. */
  readonly paths: readonly string[];
  /** Their folder in the snapshot. */
  readonly into: string;
  /** The name of a single file there, when it is not its own. */
  readonly as?: string;
  readonly required: boolean;
}

/** What systemd's journal has of a unit, in its export format. */
export interface JournalOf {
  readonly kind: 'journal';
  readonly name: string;
  readonly unit: string;
  /** The file in the snapshot. */
  readonly into: string;
  readonly required: boolean;
}

/** What a piece of shell prints. */
export interface Output {
  readonly kind: 'output';
  readonly name: string;
  readonly command: string;
  /** The user that it is run as; root by default. */
  readonly user?: string;
  /** The file in the snapshot. */
  readonly into: string;
  readonly required: boolean;
}

export type Service =
  | {readonly kind: 'systemd'; readonly unit: string}
  | {readonly kind: 'compose'; readonly project: string; readonly service: string}
  | {readonly kind: 'commands'; readonly start: string; readonly stop: string; readonly isActive: string};

export interface Health {
  readonly url?: string;
  readonly retries: number;
  readonly delayMs: number;
}

/** The file of the snapshot that a database is dumped to. */
export function dumpPath({database, format}: Pick<Postgres, 'database' | 'format'>): string {
  return `database/${database.replaceAll('/', '_')}.${format === 'plain' ? 'sql' : 'dump'}`;
}

/** What is restored: the folder of a snapshot, or its archive. */
import type {Host} from '../../../host/host.ts';
import type {Secret} from '../../../secret.ts';

export interface Source {
  readonly kind: 'folder' | 'archive';
  /** On the host. */
  readonly path: string;
  /** As people know it: the path, or the file of this machine that it was. */
  readonly shown: string;
}

/** Who looks at a source, and with what. */
export interface Looking {
  readonly host: Host;
  readonly signal: AbortSignal;
  /** What age decrypts archives with. */
  readonly identity?: Secret;
}

/** The ends of names of archives that are understood. */
export const ARCHIVE_ENDS = ['.tar.gz', '.tar.zst', '.tar.gz.age', '.tar.zst.age'] as const;

/** Whether a name is that of an archive. */
export function isArchiveName(name: string): boolean {
  return ARCHIVE_ENDS.some((end) => name.endsWith(end));
}

/** Whether only age can read it. */
export function isEncrypted(path: string): boolean {
  return path.endsWith('.age');
}

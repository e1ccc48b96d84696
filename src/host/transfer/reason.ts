/** Why a machine could not do something with a file, in words. */
import {TransferFailed} from '../failures.ts';

const NO_SPACE = 'no space left';
const QUOTA = 'the disk quota is used up';
const READ_ONLY = 'the file system is read-only';
/** The one that root is above. */
export const DENIED = 'permission denied';

const REASONS: Record<string, string> = {
  ENOENT: 'no such file or folder',
  EACCES: DENIED,
  EPERM: DENIED,
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  ENOSPC: NO_SPACE,
  EDQUOT: QUOTA,
  EROFS: READ_ONLY,
  ENAMETOOLONG: 'the name is too long',
};

/** As programs say them in English; GNU tar does not name a full disk. */
const SAID: [RegExp, string][] = [
  [/no space left|wrote only \d+ of \d+/i, NO_SPACE],
  [/quota exceeded/i, QUOTA],
  [/read-only file system/i, READ_ONLY],
  [/permission denied|operation not permitted/i, DENIED],
];

/** The reason that a program gave, in the same words; the first line of what it said where it is none of the known. */
export function saidReason(said: string): string {
  return SAID.find(([pattern]) => pattern.test(said))?.[1] ?? said.split('\n', 1).join('');
}

/** The reason in words; what the system said where there are none. */
export function localReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? error.message;
}

/** What to do when the folder above a target is missing. */
export const PARENTS_HINT = 'make it with parents: true (--parents)';

/** Does something to the file or folder `path`. @throws TransferFailed where the system refuses it */
export function explained<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  return explainedAs(`cannot write ${path}`, work, PARENTS_HINT);
}

/** The same, with these words; the hint is for what is missing. @throws TransferFailed */
export async function explainedAs<Value>(
  what: string,
  work: () => Promise<Value>,
  missingHint?: string,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const isMissing = 'code' in error && error.code === 'ENOENT';
    throw new TransferFailed(`${what}: ${localReason(error)}`, {
      cause: error,
      ...(isMissing && missingHint !== undefined && {hint: missingHint}),
    });
  }
}

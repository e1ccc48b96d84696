/** Why this machine could not do something with a file, in words. */
import {TransferFailed} from '../../failures.ts';

const REASONS: Record<string, string> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  ENOSPC: 'no space left',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
};

/** The reason in words; what the system said where there are none. */
export function localReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? error.message;
}

/** Does something to the file or folder `path`. @throws TransferFailed where the system refuses it */
export async function explained<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new TransferFailed(`cannot write ${path}: ${localReason(error)}`, {cause: error});
  }
}

/** What is wrong with the filesystems that files are copied between, and not with the connection, an instance or AWS. */
import {FtaskError} from '../../errors.ts';

const FLAWS = new Set([
  ...['CommandFailed', 'OtherFilesystem', 'CannotGrow', 'TooSmall', 'BadLabel', 'LabelDiffers'],
  ...['NoSpace', 'ReadOnly', 'FilesNotCopied', 'StillChanging', 'TreesDiffer'],
]);

/** Whether another volume, or another way to copy, may do better: to try the same again would fail for ever. */
export function isFlaw(error: unknown): error is FtaskError {
  return error instanceof FtaskError && FLAWS.has(error.code);
}

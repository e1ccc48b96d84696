/** Which labels fit which filesystem. */
import {UsageError} from '../../errors.ts';

/** Bytes that a label may have. */
const LONGEST: Readonly<Record<string, number>> = {
  ext2: 16,
  ext3: 16,
  ext4: 16,
  xfs: 12,
  swap: 15,
  btrfs: 255,
};

/** Whether labels of this type of filesystem can be set. */
export function hasLabel(type: string | undefined): type is string {
  return type !== undefined && type in LONGEST;
}

/** @throws UsageError on a label that the filesystem would cut. */
export function checkNewLabel(type: string, label: string): void {
  const longest = LONGEST[type] ?? 0;
  if (Buffer.byteLength(label) > longest) throw badLabel(type, label, `at most ${longest} bytes`);
  if (/\p{Cc}/u.test(label)) throw badLabel(type, label, 'no control characters');
}

/** @throws UsageError on a label that the filesystem would cut, or that the tools which change it misread. */
export function checkLabel(type: string, label: string): void {
  checkNewLabel(type, label);
  // xfs_admin and xfs_io split it into words and take a first dash for an option.
  if (type === 'xfs' && /^-|[\s'"\\]/.test(label))
    throw badLabel(type, label, 'no blanks, quotes, backslashes or leading dash');
}

function badLabel(type: string, label: string, why: string): UsageError {
  return new UsageError('BadLabel', `${JSON.stringify(label)} is no label for ${type}: ${why}`);
}

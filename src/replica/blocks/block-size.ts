/** How large the blocks are that two devices are compared in. Pure. */

const KIB = 1024;

/** Of what LUKS and filesystems write at once: a smaller block would find nothing more. */
const SMALLEST = 4 * KIB;

/** rsync takes no larger ones (rsync(1), `--block-size`). */
const LARGEST = 128 * KIB;

/** rsync keeps some 50 bytes of memory on both hosts for each block, and sends 8 to 20 of checksums. */
const MOST_BLOCKS = 4 * KIB ** 2;

/**
 * Bytes of a block for a device of so many bytes: 4 KiB up to 16 GiB, then doubled with the device, so that no host
 * needs more than some 200 MB; from 512 GiB on 128 KiB, and 400 MB for each TiB.
 */
export function blockSizeFor(bytes: number): number {
  let size = SMALLEST;
  while (size < LARGEST && bytes / size > MOST_BLOCKS) size *= 2;
  return size;
}

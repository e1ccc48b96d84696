/** A partition table of the old kind (MBR), written without a program for it. */
import {open} from 'node:fs/promises';
import {run} from './devices.ts';

const SECTORS_PER_MIB = 2048;
const LINUX = 0x83;

/** Primary partitions of these sizes in MiB, one behind the other, which the kernel then knows. */
export async function writePartitions(device: string, sizesMiB: readonly number[]): Promise<void> {
  const sector = Buffer.alloc(512);
  sector.writeUInt16BE(0x55aa, 510);
  let startMiB = 1;
  for (const [index, sizeMiB] of sizesMiB.entries()) {
    const entry = 446 + 16 * index;
    sector.writeUInt8(LINUX, entry + 4);
    sector.writeUInt32LE(startMiB * SECTORS_PER_MIB, entry + 8);
    sector.writeUInt32LE(sizeMiB * SECTORS_PER_MIB, entry + 12);
    startMiB += sizeMiB;
  }
  const disk = await open(device, 'r+');
  await disk.write(sector, 0, sector.length, 0);
  await disk.close();
  if (sizesMiB.length > 0) await run('partx', '--update', device);
}

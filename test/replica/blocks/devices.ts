/** Devices with blocks that a test chooses, and looks at what came of them. */
import {randomBytes} from 'node:crypto';
import {type FileHandle, open} from 'node:fs/promises';
import {loopDevice, run} from '../../disk/devices.ts';

export const BLOCK = 4096;
export const MIB = 1024 ** 2;

/** A device of random bytes; parts of a MiB may be whole sectors. */
export async function filledDevice(mib: number): Promise<string> {
  const device = await loopDevice(mib);
  await writeBlocks(device, [0], randomBytes(mib * MIB));
  return device;
}

/** Writes this at each of these blocks; random bytes, other ones each time, by default. */
export async function writeBlocks(
  device: string,
  blocks: readonly number[],
  content?: Buffer,
): Promise<void> {
  await onDisk(device, async (file) => {
    for (const block of blocks) {
      const bytes = content ?? randomBytes(BLOCK);
      await file.write(bytes, 0, bytes.length, block * BLOCK);
    }
    await file.sync();
  });
}

/** sha256 of what is on the disk, of its first bytes alone if so many are given. */
export async function digestOnDisk(device: string, bytes = Number.MAX_SAFE_INTEGER): Promise<string> {
  await run('blockdev', '--flushbufs', device);
  const digest = await run('sh', '-c', 'head -c "$2" "$1" | sha256sum', 'sh', device, String(bytes));
  return digest.slice(0, 64);
}

export async function sizeOf(device: string): Promise<number> {
  return Number(await run('blockdev', '--getsize64', device));
}

/** What lies behind the device becomes this large; the rest is lost, or empty. */
export async function resize(device: string, mib: number): Promise<void> {
  await run('truncate', '--size', `${mib}M`, await run('losetup', '-nO', 'BACK-FILE', device));
  await run('losetup', '--set-capacity', device);
}

/** A header of LUKS; what is behind it nobody can read, so it may be anything. */
export async function encryptedDevice(mib: number): Promise<string> {
  const device = await filledDevice(mib);
  const words = ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000', '--key-file', '/proc/version'];
  await run('cryptsetup', 'luksFormat', '--batch-mode', ...words, device);
  return device;
}

async function onDisk(device: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(device, 'r+');
  await work(file).finally(() => file.close());
}

/** What the loop devices of a lab are known by, whatever namespace their files are in. */
import {createHash} from 'node:crypto';
import {resolve} from 'node:path';

/** The name of the device of a disk whose store is in the folder. */
export function deviceName(folder: string, disk: string): string {
  return deviceNamePrefix(folder) + disk;
}

/** What the names of all its devices begin with. A path would not fit in the 63 characters that the kernel keeps. */
export function deviceNamePrefix(folder: string): string {
  return `ftask:${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16)}:`;
}

/** The block devices of a host and what is built on them, from `lsblk --json`. */
import {FtaskError} from '../../errors.ts';

export interface BlockDevice {
  /** `nvme1n1`, `md0`, or the name of a device-mapper device: `vg-data`. */
  readonly name: string;
  /** The kernel's name; `dm-0` for the latter. */
  readonly kernelName: string;
  /** `major:minor`, decimal. */
  readonly number: string;
  /** `disk`, `part`, `lvm`, `crypt`, `raid1`, `loop`, ... */
  readonly type: string;
  readonly serial?: string;
  /** What lies on it as far as lsblk may know: `ext4`, `LVM2_member`, `zfs_member`. */
  readonly content?: string;
  /** Partitions of it, and what holds it. One that holds several devices is found under each of them. */
  readonly children: readonly BlockDevice[];
}

/** The columns that are read, all known to the first lsblk that speaks JSON (util-linux 2.27). */
export const LSBLK_COLUMNS = 'NAME,KNAME,MAJ:MIN,TYPE,SERIAL,FSTYPE';

/** The devices that are not built on others. Fields that are not known here do no harm. @throws UnreadableDevices */
export function parseLsblk(text: string): BlockDevice[] {
  const parsed = parseJson(text);
  const devices = isRecord(parsed) ? parsed['blockdevices'] : undefined;
  if (!Array.isArray(devices)) throw new UnreadableDevices('it names no block devices');
  return devices.map(toDevice);
}

/** The device with everything that is built on it, each once. */
export function stackOf(device: BlockDevice): BlockDevice[] {
  const stack = new Map<string, BlockDevice>();
  const visit = (one: BlockDevice): void => {
    stack.set(one.number, one);
    one.children.forEach(visit);
  };
  visit(device);
  return [...stack.values()];
}

/** Made by the device mapper: of LVM, dm-crypt, multipath. */
export function isDeviceMapper({kernelName}: BlockDevice): boolean {
  return kernelName.startsWith('dm-');
}

/** lsblk gave an answer that cannot be understood, so nothing may be concluded from it. */
export class UnreadableDevices extends FtaskError {
  constructor(why: string) {
    super('UnreadableDevices', `the answer of lsblk cannot be understood: ${why}`, {
      hint: 'util-linux 2.27 or later is needed on the host',
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableDevices(error instanceof Error ? error.message : String(error));
  }
}

function toDevice(raw: unknown): BlockDevice {
  const fields = isRecord(raw) ? raw : {};
  const name = word(fields['name']);
  const number = word(fields['maj:min']);
  if (name === undefined || number === undefined || !/^\d+:\d+$/.test(number))
    throw new UnreadableDevices(`a device without name or number: ${JSON.stringify(raw)?.slice(0, 100)}`);
  const [serial, content] = [word(fields['serial']), word(fields['fstype'])];
  const children = fields['children'];
  return {
    name,
    kernelName: word(fields['kname']) ?? name,
    number,
    type: word(fields['type']) ?? 'unknown',
    ...(serial !== undefined && {serial}),
    ...(content !== undefined && {content}),
    children: Array.isArray(children) ? children.map(toDevice) : [],
  };
}

/** Some versions pad with blanks, some print as a number what looks like one. */
function word(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return String(value).trim() || undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

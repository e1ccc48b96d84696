/** What lies on a device, as the blocks themselves tell. */
import {FtaskError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';
import {unescapeHex} from '../escaped-bytes.ts';

export interface Content {
  /** `ext4`, `xfs`, `swap`, `crypto_LUKS`, `LVM2_member`, ...; undefined when nothing was recognised. */
  readonly type?: string;
  /** Undefined when there is none. */
  readonly label?: string;
  readonly uuid?: string;
}

/** There is no block device of that name on the host. */
export class NoBlockDevice extends FtaskError {
  constructor(host: string, device: string) {
    super('NoBlockDevice', `${host}: there is no block device ${device}`);
  }
}

const NO_DEVICE = 66;
const NOTHING_FOUND = 2;

/** Looks at the device anew, whatever was known of it. @throws NoBlockDevice; CommandFailed when it could be two things */
export async function contentOf(host: Host, device: string): Promise<Content> {
  const probe = sh`test -b ${device} || exit ${NO_DEVICE}; blkid -p -o udev ${device}`;
  const {stdout, code} = await host.run(asRoot(probe), {reads: true, accept: [0, NOTHING_FOUND, NO_DEVICE]});
  if (code === NO_DEVICE) throw new NoBlockDevice(host.name, device);
  const type = fieldOf('ID_FS_TYPE', stdout);
  const label = fieldOf('ID_FS_LABEL_ENC', stdout);
  const uuid = fieldOf('ID_FS_UUID', stdout);
  return {
    ...(type !== undefined && {type}),
    ...(label !== undefined && {label: unescapeHex(label)}),
    ...(uuid !== undefined && {uuid}),
  };
}

/** Whether a device is encrypted by LUKS. Throws as `contentOf`. */
export async function isLuks(host: Host, device: string): Promise<boolean> {
  return (await contentOf(host, device)).type === 'crypto_LUKS';
}

function fieldOf(key: string, text: string): string | undefined {
  return text.match(new RegExp(`^${key}=(.*)$`, 'm'))?.[1];
}

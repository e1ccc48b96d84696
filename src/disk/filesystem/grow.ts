/** Filesystems that fill a device that has become larger. */
import {FtaskError} from '../../errors.ts';
import {argv, sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';
import {mountPointOf} from '../survey/mounted-filesystems.ts';
import {survey} from '../survey/survey.ts';
import {contentOf} from './content.ts';

/** e2fsck(8): errors were corrected, and the filesystem is right now. */
const CORRECTED = 1;

/**
 * Lets an ext2, ext3, ext4 or xfs take all of its device; an ext that is not mounted is checked before, and
 * xfs has to be mounted. May be called twice. @throws FtaskError `CannotGrow`
 */
export async function growFilesystem(host: Host, device: string): Promise<void> {
  const {type} = await contentOf(host, device);
  const mountPoint = mountPointOf(device, await survey(host));
  const refuse = (why: string): FtaskError =>
    new FtaskError('CannotGrow', `${host.name}: ${device} cannot grow: ${why}`);
  if (type === 'xfs') {
    if (mountPoint === undefined) throw refuse('xfs grows only while it is mounted');
    await host.run(asRoot(argv('xfs_growfs', '-d', mountPoint)));
    return;
  }
  if (!type?.match(/^ext[234]$/)) throw refuse(`it holds ${type ?? 'no filesystem'}`);
  const check = sh`e2fsck -f -p ${device}`;
  if (mountPoint === undefined) await host.run(asRoot(check), {accept: [0, CORRECTED]});
  await host.run(asRoot(argv('resize2fs', device)));
}

/** resize2fs leaves a last piece unused that is too small for a group of blocks. */
const UNUSABLE_BYTES = 16 * 1024 ** 2;

/** Whether an ext2, ext3 or ext4 is smaller than its device. @throws CommandFailed on anything else */
export async function hasRoomToGrow(host: Host, device: string): Promise<boolean> {
  const look = sh`dumpe2fs -h ${device} 2>/dev/null && echo "Device bytes: $(blockdev --getsize64 ${device})"`;
  const {stdout} = await host.run(asRoot(look), {reads: true});
  const field = (name: string): number => Number(stdout.match(new RegExp(`^${name}:\\s*(\\d+)`, 'm'))?.[1]);
  return field('Device bytes') - field('Block count') * field('Block size') > UNUSABLE_BYTES;
}

/** The UUID of a filesystem, by which /etc/fstab may name it. */
import {argv, sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';
import {contentOf} from './content.ts';

/** e2fsck(8): errors were corrected, and the filesystem is right now. */
const CORRECTED = 1;

/** Gives an ext2, ext3, ext4 or xfs that is not mounted another UUID, unless it has that one. May be called twice. @throws CommandFailed */
export async function writeUuid(host: Host, device: string, uuid: string): Promise<void> {
  const content = await contentOf(host, device);
  if (content.uuid === uuid) return;
  if (content.type === 'xfs') {
    await host.run(asRoot(argv('xfs_admin', '-U', uuid, device)));
    return;
  }
  // Else tune2fs refuses.
  await host.run(asRoot(sh`e2fsck -f -p ${device}`), {accept: [0, CORRECTED]});
  await host.run(asRoot(argv('tune2fs', '-U', uuid, device)));
}

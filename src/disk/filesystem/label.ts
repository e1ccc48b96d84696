/** Labels of filesystems and swap, mounted or not. */
import {FtaskError} from '../../errors.ts';
import {argv, type Command} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';
import {mountPointOf} from '../survey/mounted-filesystems.ts';
import {survey} from '../survey/survey.ts';
import {contentOf} from './content.ts';
import {checkLabel, hasLabel} from './label-rules.ts';

/** The label on a device, empty when there is none. Throws as `contentOf`. */
export async function readLabel(host: Host, device: string): Promise<string> {
  return (await contentOf(host, device)).label ?? '';
}

/**
 * Labels an ext2, ext3, ext4, xfs, btrfs or swap, mounted or not; an empty text takes the label away. May be called twice.
 * @throws UsageError on a label that does not fit; FtaskError `NotLabelled` on a device that holds something else
 */
export async function writeLabel(host: Host, device: string, label: string): Promise<void> {
  const {type} = await contentOf(host, device);
  if (!hasLabel(type)) {
    throw new FtaskError(
      'NotLabelled',
      `${host.name}: ${device} holds ${type ?? 'no filesystem'}, which is given no label`,
    );
  }
  checkLabel(type, label);
  const mountPoint = mountPointOf(device, await survey(host));
  await host.run(asRoot(labelCommand(type, {device, mountPoint, label})));
}

interface Labelled {
  readonly device: string;
  readonly mountPoint: string | undefined;
  readonly label: string;
}

function labelCommand(type: string, {device, mountPoint, label}: Labelled): Command {
  if (type === 'swap') return argv('swaplabel', '-L', label, device);
  if (type === 'btrfs') return argv('btrfs', 'filesystem', 'label', '--', mountPoint ?? device, label);
  if (type !== 'xfs') return argv('e2label', device, label);
  if (mountPoint === undefined) return argv('xfs_admin', '-L', label || '--', device);
  return argv('xfs_io', '-c', label ? `label -s ${label}` : 'label -c', mountPoint);
}

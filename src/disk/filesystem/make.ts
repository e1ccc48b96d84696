/** New filesystems, on empty devices only. */
import {argv} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';
import {requireEmpty} from './empty-device.ts';
import {checkLabel} from './label-rules.ts';

export interface NewFilesystem {
  readonly type: 'ext4' | 'xfs';
  readonly label?: string;
}

/**
 * Makes a filesystem on a device that holds nothing at all and that nobody uses.
 * @throws DeviceNotEmpty before anything was written; NoBlockDevice; UsageError on a label that does not fit
 */
export async function makeFilesystem(
  host: Host,
  device: string,
  {type, label = ''}: NewFilesystem,
): Promise<void> {
  checkLabel(type, label);
  await requireEmpty(host, device);
  await host.run(asRoot(argv(`mkfs.${type}`, '-q', ...(label ? ['-L', label] : []), device)));
}

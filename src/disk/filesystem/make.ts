/** New filesystems, on empty devices only. */
import {argv} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';
import {requireEmpty} from './empty-device.ts';
import {checkNewLabel} from './label-rules.ts';

export interface NewFilesystem {
  readonly type: 'ext2' | 'ext3' | 'ext4' | 'xfs';
  readonly label?: string;
  /** One of its own by default. */
  readonly uuid?: string;
  /** More words for mkfs. */
  readonly words?: readonly string[];
}

/**
 * Makes a filesystem on a device that holds nothing at all and that nobody uses.
 * @throws DeviceNotEmpty before anything was written; NoBlockDevice; UsageError on a label that does not fit
 */
export async function makeFilesystem(
  host: Host,
  device: string,
  {type, label = '', uuid, words = []}: NewFilesystem,
): Promise<void> {
  checkNewLabel(type, label);
  await requireEmpty(host, device);
  const named = [...(label ? ['-L', label] : []), ...(uuid === undefined ? [] : uuidWords(type, uuid))];
  await host.run(asRoot(argv(`mkfs.${type}`, '-q', ...named, ...words, device)));
}

function uuidWords(type: NewFilesystem['type'], uuid: string): string[] {
  return type === 'xfs' ? ['-m', `uuid=${uuid}`] : ['-U', uuid];
}

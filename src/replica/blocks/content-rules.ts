/** What may be copied as blocks, and what may be overwritten by them, when the operator names both devices. */
import {asRoot} from '../../disk/as-root.ts';
import {contentOf} from '../../disk/filesystem/content.ts';
import {DeviceNotEmpty, requireEmpty} from '../../disk/filesystem/empty-device.ts';
import {RefusedError} from '../../errors.ts';
import {argv} from '../../host/command.ts';
import {type DeviceOnHost, nameOf} from './device-on-host.ts';

const LUKS = 'crypto_LUKS';

/**
 * Passes when the source is encrypted by LUKS, and the target holds an earlier copy of it or nothing at all.
 * @throws RefusedError `NotEncrypted`, `TargetNotEmpty`, `OtherVolume`; NoBlockDevice
 */
export async function checkContents(source: DeviceOnHost, target: DeviceOnHost): Promise<void> {
  const [given, taken] = await Promise.all([source, target].map(({host, device}) => contentOf(host, device)));
  if (given?.type !== LUKS) {
    const what = given?.type ?? 'nothing that is known';
    throw new RefusedError('NotEncrypted', `${nameOf(source)} is not encrypted by LUKS, it holds ${what}`, {
      hint: 'leave out --encr and name its mount point: a filesystem is copied file by file',
    });
  }
  if (taken?.type !== LUKS) return requireNothing(target);
  const [ours, theirs] = await Promise.all([uuidOf(source), uuidOf(target)]);
  if (ours === theirs) return;
  throw new RefusedError(
    'OtherVolume',
    `${nameOf(target)} is another LUKS volume than ${nameOf(source)}: its UUID is ${theirs}, not ${ours}`,
    {hint: emptied(target)},
  );
}

async function requireNothing(target: DeviceOnHost): Promise<void> {
  await requireEmpty(target.host, target.device).catch((error: unknown) => {
    if (!(error instanceof DeviceNotEmpty)) throw error;
    throw new RefusedError('TargetNotEmpty', error.message, {hint: emptied(target), cause: error});
  });
}

async function uuidOf({host, device}: DeviceOnHost): Promise<string> {
  const {stdout} = await host.run(asRoot(argv('blkid', '-p', '-s', 'UUID', '-o', 'value', device)), {
    reads: true,
  });
  return stdout.trim();
}

function emptied({host, device}: DeviceOnHost): string {
  return `if nothing on it is needed, run on ${host.name}: wipefs --all ${device} && dd if=/dev/zero of=${device} bs=1M count=1`;
}

/** Mounting a device, and the way back. */
import {FtaskError} from '../../errors.ts';
import {argv, sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import type {Undo, UndoStack} from '../../runner/undo.ts';
import {asRoot} from '../as-root.ts';
import {contentOf, NoBlockDevice} from '../filesystem/content.ts';
import {survey} from '../survey/survey.ts';
import {takeBackAfter} from '../take-back.ts';
import {lookAtMountPoint, type MountPoint} from './mount-point.ts';
import {unmount} from './unmount.ts';

export interface MountRequest {
  /** Nobody writes to it but the kernel, which replays its journal. */
  readonly readOnly?: boolean;
  /** Of the filesystem; what lies on the device by default. */
  readonly type?: string;
  /** More options of mount(8). */
  readonly options?: readonly string[];
  /** Where the way back is registered. */
  readonly undo: UndoStack;
}

/**
 * Mounts `device` at `mountPoint`, making the folder if there is none; what fails half-way is taken back. The way back
 * unmounts it, whatever became of the device, and removes the folders that were made. Refuses a folder that holds something.
 * @throws NoBlockDevice, FtaskError `NotMountable`, RefusedError, UsageError
 */
export async function mount(
  host: Host,
  device: string,
  mountPoint: string,
  request: MountRequest,
): Promise<Undo> {
  const {nodes} = await survey(host);
  const number = nodes.numberOf(device);
  if (number === undefined) throw new NoBlockDevice(host.name, device);
  const type = request.type ?? (await mountableType(host, device));
  const options = optionsOf(type, request);
  const place = await lookAtMountPoint(host, mountPoint);
  const back = () => takeBack(host, number, place);
  const undo = request.undo.push(`mount of ${device} at ${place.path} on ${host.name}`, back);
  const mode = request.readOnly ? '-r' : '-w';
  const words = ['-t', type, mode, ...(options.length > 0 ? ['-o', options.join()] : [])];
  const mounting = argv('mount', ...words, device, place.path);
  await host
    .run(asRoot(sh`mkdir -p -- ${place.path} && ${mounting}`, {shownAs: mounting.text}))
    .catch((error: unknown) => takeBackAfter(error, undo));
  return undo;
}

async function mountableType(host: Host, device: string): Promise<string> {
  const {type} = await contentOf(host, device);
  if (type === undefined)
    throw new FtaskError('NotMountable', `${host.name}: ${device} holds no filesystem that is known`);
  if (type !== 'crypto_LUKS') return type;
  throw new FtaskError('NotMountable', `${host.name}: ${device} is encrypted by LUKS`, {
    hint: 'open it first, then mount what is inside',
  });
}

/** xfs refuses a second filesystem of the same UUID, which the copy of a volume always is. */
function optionsOf(type: string, {options = []}: MountRequest): string[] {
  return [...(type === 'xfs' ? ['nouuid'] : []), ...options];
}

/** Unmounts only what is of this device: another may have taken the place since. */
async function takeBack(host: Host, number: string, {path, missing}: MountPoint): Promise<void> {
  const {mounts, devicesOf} = await survey(host, {undoes: true});
  const isOurs = mounts.some((one) => one.mountPoint === path && devicesOf(one).includes(number));
  if (isOurs) await unmount(host, path, {undoes: true});
  if (missing.length === 0) return;
  // One that somebody put something into stays.
  await host.run(asRoot(sh`rmdir -- ${missing} 2>/dev/null || true`), {undoes: true});
}

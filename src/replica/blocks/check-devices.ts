/** Everything that can be wrong with two devices is found before a byte of them is touched. */
import {RefusedError} from '../../errors.ts';
import {checkContents} from './content-rules.ts';
import {type DeviceOnHost, nameOf} from './device-on-host.ts';
import {stateOf} from './device-state.ts';
import {requireDeviceMode} from './rsync-version.ts';

export interface CheckedDevices {
  /** Of the source. */
  readonly bytes: number;
  /** Of the larger of both. */
  readonly largestBytes: number;
  /** Paths of the nodes themselves. */
  readonly from: string;
  readonly to: string;
}

/**
 * Passes when nobody uses either of them, all of the source fits onto the target, and both hosts have an rsync for it.
 * `isOurs`: the target was made for this copy, so what is on either does not matter.
 * @throws RefusedError with what is wrong, nothing was changed; NoBlockDevice, and what `checkContents` and
 * `requireDeviceMode` throw
 */
export async function checkDevices(
  from: DeviceOnHost,
  to: DeviceOnHost,
  {isOurs}: {readonly isOurs: boolean},
): Promise<CheckedDevices> {
  const [source, target] = await Promise.all([stateOf(from.host, from.device), stateOf(to.host, to.device)]);
  const [given, taken] = [nameOf(from), nameOf(to)];
  if (source.identity === target.identity || (source.serial && source.serial === target.serial))
    throw new RefusedError('SameDevice', `${given} and ${taken} are one and the same volume`);
  for (const [name, {uses}] of [
    [given, source],
    [taken, target],
  ] as const) {
    if (uses.length === 0) continue;
    throw new RefusedError('DeviceInUse', `${name} is in use: ${uses.join(', ')}`, {
      hint: 'a device is copied closed: unmount it and close what is open on it',
    });
  }
  if (target.isReadOnly) throw new RefusedError('DeviceReadOnly', `${taken} takes no writes`);
  if (source.bytes === 0) throw new RefusedError('DeviceEmpty', `${given} has no blocks at all`);
  if (target.bytes < source.bytes) {
    throw new RefusedError(
      'DeviceTooSmall',
      `${taken} has ${target.bytes} bytes, ${source.bytes - target.bytes} fewer than ${given}`,
      {hint: 'name a volume that is at least as large as the source'},
    );
  }
  if (!isOurs) await checkContents(from, to);
  await Promise.all([requireDeviceMode(from.host), requireDeviceMode(to.host)]);
  const {bytes} = source;
  return {bytes, largestBytes: Math.max(bytes, target.bytes), from: source.node, to: target.node};
}

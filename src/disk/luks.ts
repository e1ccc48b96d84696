/** Devices that LUKS encrypts: opened with a key that no process list, log or disk ever shows. */
import {FtaskError, UsageError} from '../errors.ts';
import {argv, type CommandOptions} from '../host/command.ts';
import type {Host} from '../host/host.ts';
import type {Undo, UndoStack} from '../runner/undo.ts';
import type {Secret} from '../secret.ts';
import {asRoot} from './as-root.ts';
import {isLuks} from './filesystem/content.ts';
import {type BlockDevice, isDeviceMapper, stackOf} from './survey/block-devices.ts';
import {mountedOn} from './survey/mounted-filesystems.ts';
import {type Survey, survey} from './survey/survey.ts';
import {takeBackAfter} from './take-back.ts';

export interface LuksRequest {
  /** The passphrase, or the content of a key file, to the last byte. */
  readonly key: Secret;
  readonly readOnly?: boolean;
  /** Where the way back is registered. */
  readonly undo: UndoStack;
}

/** A device of that name is open already, or the device is in use. */
export class LuksBusy extends FtaskError {
  constructor(message: string) {
    super('LuksBusy', message);
  }
}

/** The key opens nothing there. */
export class LuksKeyRefused extends FtaskError {
  constructor(host: string, device: string) {
    super('LuksKeyRefused', `${host}: the key does not open ${device}`, {
      hint: 'is it the key of this volume, without a line end that does not belong to it?',
    });
  }
}

/** cryptsetup(8), RETURN CODES. */
const NO_PERMISSION = 2;
const BUSY = 5;

/**
 * Opens `device` as `/dev/mapper/<name>`; the key goes over stdin. The way back closes it.
 * @throws NoBlockDevice, LuksBusy, LuksKeyRefused; FtaskError `NotLuks`; UsageError on an empty key, or a name that no device can have
 */
export async function openLuks(
  host: Host,
  device: string,
  name: string,
  {key, readOnly, undo}: LuksRequest,
): Promise<Undo> {
  if (!/^[\w+][\w+.-]*$/.test(name))
    throw new UsageError('BadName', `${JSON.stringify(name)} is no name for a device`);
  if (key.reveal() === '') throw new UsageError('EmptyKey', `the key of ${device} is empty`);
  if (!(await isLuks(host, device)))
    throw new FtaskError('NotLuks', `${host.name}: ${device} is not encrypted by LUKS`);
  if (namedIn(await survey(host), name))
    throw new LuksBusy(`${host.name}: there is a device ${name} already`);
  const way = undo.push(`opening of ${device} as ${name} on ${host.name}`, () =>
    closeLuks(host, name, {undoes: true}),
  );
  const words = ['--type', 'luks', '--key-file', '-', ...(readOnly ? ['--readonly'] : [])];
  const opening = asRoot(argv('cryptsetup', 'open', ...words, device, name));
  const {code} = await host
    .run(opening, {stdin: key, accept: [0, NO_PERMISSION, BUSY]})
    .catch((error: unknown) => takeBackAfter(error, way));
  if (code === 0) return way;
  // What has the name now is not ours to close.
  way.keep();
  throw code === BUSY
    ? new LuksBusy(`${host.name}: ${device} is in use, or another device is called ${name}`)
    : new LuksKeyRefused(host.name, device);
}

/** Closes `/dev/mapper/<name>`. May be called twice. @throws LuksBusy naming where it is mounted, CommandFailed */
export async function closeLuks(host: Host, name: string, options: CommandOptions = {}): Promise<void> {
  const seen = await survey(host, options);
  const device = namedIn(seen, name);
  if (!device) return;
  const {mounts, hidden} = mountedOn(stackOf(device), seen);
  const places = [...mounts, ...hidden].map(({mountPoint}) => mountPoint);
  // cryptsetup would try for seconds, and then not say why.
  if (places.length > 0)
    throw new LuksBusy(`${host.name}: ${name} cannot be closed: mounted at ${places.join(', ')}`);
  await host.run(asRoot(argv('cryptsetup', 'close', name)), options);
}

function namedIn({devices}: Survey, name: string): BlockDevice | undefined {
  return devices.flatMap(stackOf).find((one) => isDeviceMapper(one) && one.name === name);
}

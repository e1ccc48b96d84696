/** The proof that two devices are equal, which no exit code of a copy can be. */
import {FtaskError} from '../../errors.ts';
import {type DeviceOnHost, nameOf} from './device-on-host.ts';
import {digestOf} from './digest.ts';

export interface ProofRequest {
  /** How many bytes from the start of both. */
  readonly bytes: number;
  /** Called with what is read of both. */
  readonly onProgress: (bytes: number) => void;
}

/** Reads both at once; the sha256 that both have. @throws FtaskError `DevicesDiffer`, and what `digestOf` throws */
export async function proveEqual(
  source: DeviceOnHost,
  target: DeviceOnHost,
  {bytes, onProgress}: ProofRequest,
): Promise<string> {
  const read = new Map<DeviceOnHost, number>();
  const failed = new AbortController();
  const digest = async (one: DeviceOnHost): Promise<string> => {
    const tell = (done: number): void => {
      read.set(one, done);
      onProgress(Math.min(...[source, target].map((each) => read.get(each) ?? 0)));
    };
    const reading = digestOf(one.host, {device: one.device, bytes, onProgress: tell, signal: failed.signal});
    reading.catch((error: unknown) => failed.abort(error));
    return reading;
  };
  const both = [digest(source), digest(target)] as const;
  await Promise.allSettled(both); // Nobody reads a device any more when this is over.
  failed.signal.throwIfAborted();
  const [ours, theirs] = await Promise.all(both);
  if (ours === theirs) return ours;
  const [first, second] = [nameOf(source), nameOf(target)];
  throw new FtaskError(
    'DevicesDiffer',
    `${first} and ${second} differ after the copy: sha256 ${ours} and ${theirs}`,
    {hint: 'something writes to one of them, or a disk fails; copied again, only what differs is sent'},
  );
}
